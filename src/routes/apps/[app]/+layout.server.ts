import { guarded } from './answer.server';
import { brandOf } from './brand.server';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => ({ brand: await brandOf(await event.locals.app()), locale: event.locals.locale }));
