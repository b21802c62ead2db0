/** What the waiting browser shows, kept beside its scan. */
import { z } from 'zod';
import type { Drawing } from '../../../plugin-kit';
import type { AppRepositories } from '../../storage/app/repositories';
import type { AppServices } from '../services';
import { keepNote, openNote } from '../verify/sealed-note';

const drawingSchema = z.union([
	z.object({ text: z.string() }),
	z.object({ image: z.base64(), type: z.enum(['image/png', 'image/jpeg']) }),
]);

const drawingToken = (secret: string) => `${secret}.drawing`;

/** Beside the scan, so that a page which is loaded again shows the same, and no vendor is asked twice. */
export async function keepDrawing(
	services: Pick<AppServices, 'vault' | 'clock'>,
	tx: AppRepositories,
	{ secret, drawing, life }: { secret: string; drawing: Drawing; life: number },
): Promise<void> {
	const data: z.input<typeof drawingSchema> =
		'text' in drawing
			? drawing
			: { type: drawing.type, image: Buffer.from(drawing.image).toString('base64') };
	await keepNote(services, tx, { purpose: 'drawing', data, life, token: drawingToken(secret) });
}

/** What the waiting browser shows. @throws Refusal interaction/expired */
export async function readDrawing(
	services: Pick<AppServices, 'store' | 'vault' | 'clock'>,
	{ secret }: { secret: string },
): Promise<Drawing> {
	const { data } = await openNote(
		services,
		{ token: drawingToken(secret), purpose: 'drawing' },
		drawingSchema,
	);
	return 'text' in data ? data : { type: data.type, image: Buffer.from(data.image, 'base64') };
}
