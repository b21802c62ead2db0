/**
 * The stylesheet of a theme that is not saved: for the console's preview, made by the same rules as the served one.
 */
import { themeSchema } from '../../../contract/app-settings';
import { themeStylesheet } from '../../domain/theme';

/** @returns undefined where the draft is not a valid theme yet, e.g. a colour half typed */
export function draftStylesheet(draft: unknown): string | undefined {
	const theme = themeSchema.safeParse(draft);
	return theme.success ? themeStylesheet(theme.data) : undefined;
}
