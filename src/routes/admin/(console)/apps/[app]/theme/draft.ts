/** A theme as it is in the form, saved or not, for the preview. */
import type { Theme } from '$lib/contract/app-settings';

/** Everything that the stylesheet is made of, and what the page shows besides. */
export interface ThemeDraft extends Pick<
	Theme,
	'title' | 'accent' | 'radius' | 'mode' | 'css' | 'termsUrl' | 'privacyUrl'
> {
	/** Address of the logo's picture, or empty. */
	logo: string;
}

const logoHref = (id: string, app: number) => (id ? `/apps/${app}/images/${id}` : '');

export const draftOf = ({ logo, ...theme }: Theme, app: number): ThemeDraft => ({
	...theme,
	logo: logoHref(logo, app),
});

export function draftIn(form: FormData, app: number): ThemeDraft {
	const text = (name: string) => {
		const value = form.get(name);
		return typeof value === 'string' ? value.trim() : '';
	};
	return {
		title: text('title'),
		accent: text('accent'),
		radius: Number(text('radius')),
		mode: text('mode') as Theme['mode'],
		css: text('css'),
		termsUrl: text('termsUrl'),
		privacyUrl: text('privacyUrl'),
		logo: logoHref(text('logo'), app),
	};
}
