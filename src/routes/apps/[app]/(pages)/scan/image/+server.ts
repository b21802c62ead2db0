import { renderSVG } from 'uqr';
import { readDrawing } from '$lib/server/flows/scan/drawing';
import { guarded } from '../../../answer.server';
import { readNote } from '../../../note.server';
import type { RequestHandler } from './$types';

/** What to scan, for the browser that holds its secret: the vendor's own picture, or a QR code of its text. */
export const GET: RequestHandler = (event) =>
	guarded(event, async () => {
		const secret = readNote(event, 'scan')?.secret ?? '';
		const drawing = await readDrawing(await event.locals.app(), { secret });
		const [body, type] =
			'text' in drawing
				? [renderSVG(drawing.text, { ecc: 'M', border: 2 }), 'image/svg+xml']
				: [new Uint8Array(drawing.image), drawing.type];
		return new Response(body, { headers: { 'content-type': type } });
	});
