/**
 * The first rule that fits a filename says its language. Besides what is documented, XML and HTML are told apart from plain
 * text, since a comment that begins with `#` would spoil them.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^(dockerfile|containerfile)(\..*)?$|\.dockerfile$/i, 'dockerfile'],
  [/^nginx([._-].*)?\.conf$|\.nginx$/i, 'nginx'],
  [/^\.?env(\..*)?$|\.env$/i, 'env'],
  [/\.ya?ml$/i, 'yaml'],
  [/\.json$/i, 'json'],
  [/\.toml$/i, 'toml'],
  [/\.ini$/i, 'ini'],
  [/\.(conf|cnf|cfg)$/i, 'conf'],
  [/\.(sh|bash)$/i, 'sh'],
  [/\.(xml|svg)$/i, 'xml'],
  [/\.html?$/i, 'html'],
];

/** The language of a file that nobody gave one. */
export const detectLanguage = (filename: string): string => rules.find(([pattern]) => pattern.test(filename))?.[1] ?? 'plaintext';
