import { guarded } from './answer.server';
import { brandOf } from './brand.server';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => {
		const { locals } = event;
		const { mode, ...brand } = await brandOf(await locals.app());
		// For `<html>`, which stands outside what a layout draws.
		if (mode !== 'system') locals.theme = mode;
		return { brand, locale: locals.locale };
	});
