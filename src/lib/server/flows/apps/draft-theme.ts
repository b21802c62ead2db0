/** The stylesheet of a theme that is not saved: for the console's preview, by the very rules that serve it later. */
import { themeSchema } from '../../../contract/app-settings';
import { themeStylesheet } from '../../domain/theme';

/** @returns undefined where the draft is no theme yet, e.g. a colour half typed */
export function draftStylesheet(draft: unknown): string | undefined {
	const theme = themeSchema.safeParse(draft);
	return theme.success ? themeStylesheet(theme.data) : undefined;
}
