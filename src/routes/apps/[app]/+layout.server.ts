import { guarded } from './answer.server';
import { brandOf } from './brand.server';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => {
		const { locals } = event;
		const { mode, ...brand } = await brandOf(await locals.app());
		// For `<html>`, which is outside of what a layout renders.
		if (mode !== 'system') locals.theme = mode;
		return { brand, locale: locals.locale };
	});
