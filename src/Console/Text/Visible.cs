using System.Buffers;
using System.Globalization;
using System.Text;

namespace PluginHost.WebConsole.Text;

/// <summary>Makes characters visible that would be drawn as nothing, or would reorder what stands beside them.</summary>
public static class Visible
{
    private const char ControlPictures = '\u2400';

    private static readonly SearchValues<char> Hidden = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\n' or '\t' or '\r')))
        + "\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\uFEFF");

    public static string Show(string text)
    {
        if (!text.AsSpan().ContainsAny(Hidden)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (!Hidden.Contains(c)) shown.Append(c);
            else if (c < ' ') shown.Append((char)(ControlPictures + c));
            else shown.Append(CultureInfo.InvariantCulture, $"⟨U+{(int)c:X4}⟩");
        }

        return shown.ToString();
    }
}
