// A proposal as an officer fills it in, with a photograph that arrives when the test lets it.
export const date = (daysAgo) => new Date(Date.now() - daysAgo * 86400000).toISOString().slice(0, 10);

export const pictureOfNobody = async (page) => ({ name: 'wall.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await page.evaluate(() => {
    const wall = Object.assign(document.createElement('canvas'), { width: 640, height: 640 });
    return wall.toDataURL('image/jpeg').split(',')[1];
}), 'base64') });

/** All of it but the photograph's file. */
export async function fillProposal(page, { ordered = date(10), taken = date(1) } = {}) {
    await page.getByLabel('Legal ground').selectOption('consenting_test_subject');
    await page.getByLabel('Reference').selectOption('court');
    await page.getByLabel('Gender').selectOption('male');
    await page.getByLabel('Court or FIR number').fill('DEMO-2/2026');
    await page.getByLabel('Section of the law').fill('DEMO 1');
    await page.getByLabel('Date of the order or report').fill(ordered);
    await page.getByLabel('Station').selectOption({ index: 1 });
    await page.getByLabel('Name', { exact: true }).fill('Demo person B');
    await page.getByLabel('Father’s name').fill('Played by a consenting subject');
    await page.getByLabel('CNIC').fill('4210100000021');
    await page.getByLabel('Born in the year').fill('1985');
    await page.getByLabel('Description for the crew').fill('Plays another person');
    await fillPhoto(page, { record: 'DEMO-2', taken });
}

export async function fillPhoto(place, { record, taken }) {
    await place.getByLabel('Source of the photograph').selectOption('consenting_subject');
    await place.getByLabel('Record number').fill(record);
    await place.getByLabel('Date of the photograph').fill(taken);
}
