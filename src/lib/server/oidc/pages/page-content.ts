/** The content of a page of the engine. */
import type { Locale } from '../../../i18n/locale';

export interface PageContent {
	/** Addresses; the logo's is on this origin. */
	app: { name: string; logo?: string; terms?: string; privacy?: string; website?: string };
	/** Address of the app's stylesheet. */
	theme?: string | undefined;
	locale: Locale;
	/** The address of this page. */
	url: URL;
	content: {
		kind: 'success' | 'error' | 'waiting';
		title: string;
		text?: string | undefined;
		/** Details for the developers of the relying party. */
		reference?: string | undefined;
		/** A question that the engine asks by a form of its own. */
		form?: { id: string; html: string; yes: string; no: string } | undefined;
	};
}
