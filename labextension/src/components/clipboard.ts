/** Copies text; works on plain http too, where browsers have no clipboard API. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'da-sr';
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  try {
    // Deprecated, and the only way without a secure context.
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) {
      focused.focus();
    }
  }
}

/** Offers text as a file. */
export function download(name: string, type: string, text: string): void {
  downloadFile(name, new Blob([text], { type }));
}

/** Offers a file to be kept. */
export function downloadFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  globalThis.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name from a title. */
export function fileName(title: string, ending: string): string {
  const base = title
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .toLowerCase();
  return `${base || 'dataask'}.${ending}`;
}
