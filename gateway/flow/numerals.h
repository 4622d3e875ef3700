/* Numbers in words, Chinese and English. Amounts are in millionths, so that 1.5万 and 两块五 stay exact. */
#ifndef HUIYIN_FLOW_NUMERALS_H
#define HUIYIN_FLOW_NUMERALS_H

#include "huiyin/text.h"

#define NUMERAL_ONE ((int64_t)1000000)
#define NUMERAL_MAX ((int64_t)1000000000000) /* in ones: 一万亿 */

int numeral_digit(int32_t point);    /* 0..9 for 〇零一二两三… and their formal dresses, else -1 */
int64_t numeral_unit(int32_t point); /* 10 100 1000 10000 100000000 for 十百千万亿, else 0 */
/* The whole of s as one number: 十五 两百五 三万五 一千零五 3万5 1.5万 二〇二六 1,200. Two digits side by side (三四
   七八) are a guess, not a number: false. */
bool numeral_read(struct slice s, int64_t *millionths);
/* Whole numbers in Chinese become digits where they are certain: 十一月三号 → 11月3号, 二六年 → 26年. */
struct slice numerals_to_digits(struct arena *a, struct slice text);
/* English number words become digits: "twenty-one" → "21", "the third" → "the 3rd", "a dozen" → "12". Lower case in. */
struct slice numerals_english(struct arena *a, struct slice text);
/* Digits as they are told on the telephone, to plain ones: "double five" → "five five", "oh" → "zero",
   妖三八 → 一三八. Lower case in. */
struct slice numerals_spoken(struct arena *a, struct slice text);

#endif
