using System.Buffers;
using System.Globalization;
using System.Text;

namespace PluginHost.WebConsole.Text;

/// <summary>Makes characters visible that would be drawn as nothing, or would reorder what stands beside them.</summary>
public static class Visible
{
    private const char ControlPictures = '\u2400';

    // The first half of U+E0000 to U+E03FF: tags and selectors, which have no picture.
    private const char TagHalf = '\uDB40';

    private static readonly SearchValues<char> Hidden = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\n' or '\t' or '\r')))
        + "\u00AD\u061C\u180E\u200B\u200E\u200F\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
        + "\u206A\u206B\u206C\u206D\u206E\u206F\uFEFF\uFFF9\uFFFA\uFFFB" + TagHalf);

    public static string Show(string text)
    {
        if (!text.AsSpan().ContainsAny(Hidden)) return text;
        var shown = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!Hidden.Contains(c)) shown.Append(c);
            else if (c < ' ') shown.Append((char)(ControlPictures + c));
            else if (c == TagHalf && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) shown.Append(CultureInfo.InvariantCulture, $"⟨U+{char.ConvertToUtf32(c, text[++i]):X}⟩");
            else shown.Append(CultureInfo.InvariantCulture, $"⟨U+{(int)c:X4}⟩");
        }

        return shown.ToString();
    }
}
