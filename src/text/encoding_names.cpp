#include <algorithm>
#include <array>
#include <ranges>
#include <string>

#include "text/encoding.hpp"

namespace dagfix {
namespace {

// CPython's encodings.aliases, less what no Python file can be written in (EBCDIC, UTF-16, the
// ISO-2022 family, ...) and what glibc cannot convert.
constexpr auto kCodecs = std::to_array<Codec>({
    {"utf-8", "UTF-8", "cp65001 u8 utf utf8 utf8_ucs2 utf8_ucs4 utf_8 utf_8_sig"},
    {"ascii", "ASCII",
     "646 ansi_x3_4_1968 ansi_x3_4_1986 ascii cp367 csascii ibm367 iso646_us iso_646_irv_1991 "
     "iso_ir_6 us us_ascii"},
    {"big5", "BIG5", "big5 big5_tw csbig5 x_mac_trad_chinese"},
    {"big5hkscs", "BIG5-HKSCS", "big5_hkscs big5hkscs hkscs"},
    {"cp437", "CP437", "437 cp437 cspc8codepage437 ibm437"},
    {"cp737", "CP737", "cp737"},
    {"cp775", "CP775", "775 cp775 cspc775baltic ibm775"},
    {"cp850", "CP850", "850 cp850 cspc850multilingual ibm850"},
    {"cp852", "CP852", "852 cp852 cspcp852 ibm852"},
    {"cp855", "CP855", "855 cp855 csibm855 ibm855"},
    {"cp857", "CP857", "857 cp857 csibm857 ibm857"},
    {"cp858", "CP858", "858 cp858 csibm858 ibm858"},
    {"cp860", "CP860", "860 cp860 csibm860 ibm860"},
    {"cp861", "CP861", "861 cp861 cp_is csibm861 ibm861"},
    {"cp862", "CP862", "862 cp862 cspc862latinhebrew ibm862"},
    {"cp863", "CP863", "863 cp863 csibm863 ibm863"},
    {"cp865", "CP865", "865 cp865 csibm865 ibm865"},
    {"cp866", "CP866", "866 cp866 csibm866 ibm866"},
    {"cp869", "CP869", "869 cp869 cp_gr csibm869 ibm869"},
    {"cp874", "CP874", "cp874"},
    {"cp932", "CP932", "932 cp932 ms932 ms_kanji mskanji"},
    {"cp949", "CP949", "949 cp949 ms949 uhc"},
    {"cp950", "CP950", "950 cp950 ms950"},
    {"cp1125", "CP1125", "1125 cp1125 cp866u ibm1125 ruscii"},
    {"cp1250", "CP1250", "1250 cp1250 windows_1250"},
    {"cp1251", "CP1251", "1251 cp1251 windows_1251"},
    {"cp1252", "CP1252", "1252 cp1252 windows_1252"},
    {"cp1253", "CP1253", "1253 cp1253 windows_1253"},
    {"cp1254", "CP1254", "1254 cp1254 windows_1254"},
    {"cp1255", "CP1255", "1255 cp1255 windows_1255"},
    {"cp1256", "CP1256", "1256 cp1256 windows_1256"},
    {"cp1257", "CP1257", "1257 cp1257 windows_1257"},
    {"cp1258", "CP1258", "1258 cp1258 windows_1258"},
    {"euc_jp", "EUC-JP", "euc_jp eucjp u_jis ujis"},
    {"euc_kr", "EUC-KR",
     "euc_kr euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 x_mac_korean"},
    {"gb2312", "GB2312",
     "chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312 gb2312_1980 gb2312_80 iso_ir_58 "
     "x_mac_simp_chinese"},
    {"gb18030", "GB18030", "gb18030 gb18030_2000"},
    {"gbk", "GBK", "936 cp936 gbk ms936"},
    {"hp-roman8", "HP-ROMAN8", "cp1051 cshproman8 hp_roman8 ibm1051 r8 roman8"},
    {"iso8859-2", "ISO-8859-2",
     "csisolatin2 iso8859_2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2"},
    {"iso8859-3", "ISO-8859-3",
     "csisolatin3 iso8859_3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3"},
    {"iso8859-4", "ISO-8859-4",
     "csisolatin4 iso8859_4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4"},
    {"iso8859-5", "ISO-8859-5",
     "csisolatincyrillic cyrillic iso8859_5 iso_8859_5 iso_8859_5_1988 iso_ir_144"},
    {"iso8859-6", "ISO-8859-6",
     "arabic asmo_708 csisolatinarabic ecma_114 iso8859_6 iso_8859_6 iso_8859_6_1987 iso_ir_127"},
    {"iso8859-7", "ISO-8859-7",
     "csisolatingreek ecma_118 elot_928 greek greek8 iso8859_7 iso_8859_7 iso_8859_7_1987 "
     "iso_ir_126"},
    {"iso8859-8", "ISO-8859-8",
     "csisolatinhebrew hebrew iso8859_8 iso_8859_8 iso_8859_8_1988 iso_ir_138"},
    {"iso8859-9", "ISO-8859-9",
     "csisolatin5 iso8859_9 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5"},
    {"iso8859-10", "ISO-8859-10",
     "csisolatin6 iso8859_10 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6"},
    {"iso8859-11", "ISO-8859-11", "iso8859_11 iso_8859_11 iso_8859_11_2001 thai"},
    {"iso8859-13", "ISO-8859-13", "iso8859_13 iso_8859_13 l7 latin7"},
    {"iso8859-14", "ISO-8859-14",
     "iso8859_14 iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8"},
    {"iso8859-15", "ISO-8859-15", "iso8859_15 iso_8859_15 l9 latin9"},
    {"iso8859-16", "ISO-8859-16", "iso8859_16 iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10"},
    {"koi8-r", "KOI8-R", "cskoi8r koi8_r"},
    {"koi8-t", "KOI8-T", "koi8_t"},
    {"koi8-u", "KOI8-U", "koi8_u"},
    {"kz1048", "RK1048", "kz1048 kz_1048 rk1048 strk1048_2002"},
    {"iso-8859-1", "ISO-8859-1",
     "8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 "
     "latin latin1 latin_1"},
    {"mac-cyrillic", "MAC-CYRILLIC", "mac_cyrillic maccyrillic"},
    {"mac-roman", "MACINTOSH", "mac_roman macintosh macroman"},
    {"ptcp154", "PT154", "cp154 csptcp154 cyrillic_asian pt154 ptcp154"},
    {"shift_jis", "SHIFT-JIS", "csshiftjis s_jis shift_jis shiftjis sjis x_mac_japanese"},
    {"tis-620", "TIS-620", "iso_ir_166 tis620 tis_620 tis_620_0 tis_620_2529_0 tis_620_2529_1"},
});

// encodings.normalize_encoding, and the dots that its alias table is looked up without.
std::string normalized(std::string_view name) {
  std::string result;
  bool gap = false;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
      gap = true;
      continue;
    }
    if (gap && !result.empty()) result += '_';
    gap = false;
    result += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

// The tokenizer takes "utf-8-unix" and "latin-1-dos", as Emacs writes them.
std::string_view without_line_end_suffix(std::string_view name) {
  for (const std::string_view known : {"utf_8", "latin_1", "iso_8859_1", "iso_latin_1"}) {
    if (name.starts_with(known) && name.substr(known.size()).starts_with('_')) {
      return known;
    }
  }
  return name;
}

}  // namespace

const Codec* find_codec(std::string_view name) {
  const std::string whole = normalized(name);
  std::string_view wanted = without_line_end_suffix(whole);
  if (wanted == "iso_latin_1") wanted = "latin_1";
  for (const Codec& codec : kCodecs) {
    for (const auto alias : std::views::split(codec.aliases, ' ')) {
      if (std::ranges::equal(alias, wanted)) return &codec;
    }
  }
  return nullptr;
}

}  // namespace dagfix
