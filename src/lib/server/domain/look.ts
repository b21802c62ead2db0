/** What every page of an app shows about the app, on our pages and on the engine's own. */
import type { AppSettings, Theme } from '../../contract/app-settings';
import { themeHash } from './theme';

export interface Look {
	id: number;
	/** The name that people see: the theme's title, else the app's name. */
	name: string;
	/** `logo` and `theme` are addresses on this origin. */
	logo?: string;
	terms?: string;
	privacy?: string;
	/** Address of the theme's stylesheet, with a hash, so that it can be cached for ever. */
	theme: string;
	mode: Theme['mode'];
	/** The app's own site, the last link that a page can offer. */
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
