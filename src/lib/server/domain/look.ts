/** What every page of an app shows of it, whoever draws the page: a page of ours, or one of the engine's own. */
import type { AppSettings, Theme } from '../../contract/app-settings';
import { themeHash } from './theme';

export interface Look {
	id: number;
	/** As people see it: the theme's title, else the app's name. */
	name: string;
	/** `logo` and `theme` are addresses on this origin. */
	logo?: string;
	terms?: string;
	privacy?: string;
	/** Of the theme's stylesheet; carries a hash, so that a copy is good for ever. */
	theme: string;
	mode: Theme['mode'];
	/** The app's own site, the last way out of a page. */
	website?: string;
}

export function lookOf(id: number, { name, website, theme }: AppSettings): Look {
	const base = `/apps/${id}`;
	return {
		id,
		name: theme.title || name,
		...(theme.logo ? { logo: `${base}/images/${theme.logo}` } : {}),
		...(theme.termsUrl ? { terms: theme.termsUrl } : {}),
		...(theme.privacyUrl ? { privacy: theme.privacyUrl } : {}),
		...(website ? { website } : {}),
		theme: `${base}/theme.css?v=${themeHash(theme)}`,
		mode: theme.mode,
	};
}
