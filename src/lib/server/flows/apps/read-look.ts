/** What the pages of an app load to look like it: its stylesheet and its pictures. */
import { lookOf, type Look } from '../../domain/look';
import { themeHash, themeStylesheet } from '../../domain/theme';
import type { Image } from '../../storage/app/images';
import type { AppServices } from '../services';

export type { Look } from '../../domain/look';

/** Name, logo, links and the address of the stylesheet. */
export async function readLook(services: Pick<AppServices, 'id' | 'settings'>): Promise<Look> {
	return lookOf(services.id, await services.settings());
}

export async function readThemeFile(
	services: Pick<AppServices, 'settings'>,
): Promise<{ css: string; hash: string }> {
	const { theme } = await services.settings();
	return { css: themeStylesheet(theme), hash: themeHash(theme) };
}

/** @param id SHA-256 of the picture, hex; anything else is not there */
export async function findImage(
	services: Pick<AppServices, 'store'>,
	id: string,
): Promise<Image | undefined> {
	return /^[a-f0-9]{64}$/.test(id) ? services.store.read.images.find(id) : undefined;
}
