/** An app's theme as a stylesheet of its own, served at `/apps/<id>/theme.css?v=<hash>` and cached for good. */
import { createHash } from 'node:crypto';
import type { Theme } from '../../contract/app-settings';
import { accentByDay, accentByNight, type Accent } from './accent';
import { sanitiseCss } from './theme-css';

const declare = (accent: Accent): string =>
	Object.entries(accent)
		.map(([name, value]) => `--${name}:${String(value)}`)
		.join(';');

/** The night follows the person's system unless the page says otherwise (`html[data-theme]`). */
function nightRules(theme: Theme): string {
	const values = declare(accentByNight(theme.accent));
	const chosen = `:root[data-theme='dark']{${values}}`;
	if (theme.mode === 'light') return '';
	if (theme.mode === 'dark') return chosen;
	return `@media (prefers-color-scheme:dark){:root:not([data-theme='light']){${values}}}\n${chosen}`;
}

/**
 * The stylesheet of a theme: corners, the accent family by day and by night with contrast corrected, then the
 * operator's own css. Unlayered, so it wins over the pages' layers. The page sets `html[data-theme]` from
 * `theme.mode` when that is light or dark.
 */
export function themeStylesheet(theme: Theme): string {
	return [
		`:root{--radius:${String(theme.radius)}px;${declare(accentByDay(theme.accent))}}`,
		nightRules(theme),
		sanitiseCss(theme.css),
	]
		.filter((part) => part !== '')
		.join('\n');
}

/** Changes whenever the stylesheet does: 16 hex digits for `?v=`. */
export function themeHash(theme: Theme): string {
	return createHash('sha256').update(themeStylesheet(theme)).digest('hex').slice(0, 16);
}
