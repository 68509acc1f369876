import { initials } from '../../format';

const COLOURS = 5;

/** Somebody keeps their colour wherever they show. */
function colourOf(id: string): number {
  let sum = 2_166_136_261;
  for (const letter of id) {
    sum = Math.imul(sum ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  }
  return ((sum >>> 8) % COLOURS) + 1;
}

/** Somebody's initials. Their name always stands beside it, so it says nothing to screen readers. */
export function Avatar({ id, name, size = 24 }: { id: string; name: string; size?: number }): JSX.Element {
  return (
    <span
      className="da-avatar"
      style={{ width: size, height: size, fontSize: Math.round(size * 0.4), background: `var(--da-who-${colourOf(id)})` }}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}
