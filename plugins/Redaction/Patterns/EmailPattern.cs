namespace PluginHost.Redaction;

/// <summary>
/// E-mail addresses: up to 64 letters, digits and <c>._%+'-</c>, an at sign, and a domain of two or more labels. The last label has
/// two or more characters and starts with a letter. Letters of all scripts match.
/// </summary>
internal sealed class EmailPattern() : Pattern("email", MaxLocal + 1 + MaxDomain)
{
    private const int MaxLocal = 64;
    private const int MaxDomain = 253;

    public override ScanResult Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        for (var from = position; ;)
        {
            var at = text[from..].IndexOf('@') + from;
            if (at < from) return ScanResult.NoMatchBefore(final ? text.Length : LocalStart(text, position, text.Length));
            var start = LocalStart(text, from, at);
            if (start < at)
            {
                var run = DomainRun(text[(at + 1)..]);
                if (!final && run < MaxDomain && at + 1 + run == text.Length) return ScanResult.NoMatchBefore(start);
                var domain = DomainLength(text.Slice(at + 1, run));
                if (domain > 0) return new(start, at + 1 + domain);
            }

            from = at + 1;
        }
    }

    private static int LocalStart(ReadOnlySpan<char> text, int from, int end)
    {
        var start = end;
        while (start > from && end - start < MaxLocal && (char.IsLetterOrDigit(text[start - 1]) || "._%+'-".Contains(text[start - 1]))) start--;
        while (start < end && !char.IsLetterOrDigit(text[start]) && text[start] != '_') start++;
        return start;
    }

    private static int DomainRun(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && length < MaxDomain && (char.IsLetterOrDigit(text[length]) || text[length] is '.' or '-')) length++;
        return length;
    }

    /// <summary>Returns the length of the longest prefix that is a domain; 0 when there is none.</summary>
    private static int DomainLength(ReadOnlySpan<char> run)
    {
        var (length, labels) = (0, 0);
        for (var start = 0; start < run.Length;)
        {
            var dot = run[start..].IndexOf('.');
            var label = (dot < 0 ? run[start..] : run.Slice(start, dot)).TrimEnd('-');
            if (label.IsEmpty || label[0] == '-') break;
            labels++;
            if (labels > 1 && label.Length > 1 && char.IsLetter(label[0])) length = start + label.Length;
            if (dot != label.Length) break;
            start += dot + 1;
        }

        return length;
    }
}
