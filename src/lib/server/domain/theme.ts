/** An app's theme as a stylesheet of its own, served at `/apps/<id>/theme.css?v=<hash>` and cached for good. */
import { createHash } from 'node:crypto';
import type { Theme } from '../../contract/app-settings';
import { accentByDay, accentByNight, type Accent } from './accent';
import { day, night, type Palette } from './palette';
import { sanitiseCss } from './theme-css';

const declare = (values: Palette | Accent): string =>
	Object.entries(values)
		.map(([name, value]) => `--${name}:${value as string}`)
		.join(';');

/** Light and dark: dark follows the person's system unless the page says otherwise. */
function bothRules({ accent }: Theme): string[] {
	const nightly = declare(accentByNight(accent));
	return [
		`:root{${declare(accentByDay(accent))}}`,
		`@media (prefers-color-scheme:dark){:root:not([data-theme='light']){${nightly}}}`,
		`:root[data-theme='dark']{${nightly}}`,
	];
}

/** One of the two for everyone: the whole palette is set again, so that the system's preference has no effect. */
function modeRules(theme: Theme): string[] {
	if (theme.mode === 'system') return bothRules(theme);
	const [palette, accent] =
		theme.mode === 'dark' ? [night, accentByNight(theme.accent)] : [day, accentByDay(theme.accent)];
	return [`:root{color-scheme:${theme.mode};${declare(palette)};${declare(accent)}}`];
}

/**
 * The stylesheet of a theme: corners, the accent family by day and by night with contrast corrected, then the
 * operator's own css. Unlayered, so it wins over the pages' layers. A page needs nothing else to be light or dark.
 */
export function themeStylesheet(theme: Theme): string {
	return [`:root{--radius:${String(theme.radius)}px}`, ...modeRules(theme), sanitiseCss(theme.css)]
		.filter((part) => part !== '')
		.join('\n');
}

/** Every page asks for its theme's hash, and a theme that was read stays the same object until it changes. */
const hashes = new WeakMap<Theme, string>();

/** Changes whenever the stylesheet does: 16 hex digits for `?v=`. */
export function themeHash(theme: Theme): string {
	const known = hashes.get(theme);
	if (known) return known;
	const hash = createHash('sha256').update(themeStylesheet(theme)).digest('hex').slice(0, 16);
	hashes.set(theme, hash);
	return hash;
}
