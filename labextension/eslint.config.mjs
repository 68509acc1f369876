import jupyter from '@jupyter/eslint-plugin';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// The one way to put text into a page is React's: what comes from a database is never markup (W1, W3).
const MARKUP = [
  { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Show text as text.' },
  {
    selector: "AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]",
    message: 'Show text as text.'
  },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: 'Show text as text.' }
];

export default tseslint.config(
  { ignores: ['lib/**', 'node_modules/**', 'src/api/generated.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'no-restricted-syntax': ['error', ...MARKUP],
      eqeqeq: 'error',
      'no-console': 'error',
      curly: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }]
    }
  },
  // The Lab rules judge the Lab part; the components know nothing of Lab.
  ...jupyter.configs.recommended.map(config =>
    config.files?.some(pattern => pattern.includes('schema')) ? { ...config, plugins: { jupyter } } : { ...config, files: ['src/lab/**/*.{ts,tsx}'], plugins: { jupyter } }
  ),
  { files: ['tests/**'], rules: { '@typescript-eslint/explicit-function-return-type': 'off' } }
);
