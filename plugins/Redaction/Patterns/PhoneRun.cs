namespace PluginHost.Redaction;

/// <summary>Groups of up to 15 digits together that may be one telephone number.</summary>
/// <param name="Finding">Whether there is at least one group.</param>
/// <param name="End">After the last group and its extension.</param>
/// <param name="Next">Where to look further when this is no telephone number.</param>
/// <param name="IsPhone">Whether the groups look like a telephone number.</param>
internal readonly record struct PhoneRun(Finding Finding, int End, int Next, bool IsPhone)
{
    private const int MaxDigits = 15;
    private const int MaxExtension = 6;

    private static PhoneRun Open => new(Finding.Open, 0, 0, false);

    /// <param name="text">The text.</param>
    /// <param name="start">The plus, the parenthesis or the first digit.</param>
    /// <param name="first">The first digit.</param>
    public static PhoneRun Read(DigitText text, int start, int first)
    {
        Span<DigitGroup> groups = stackalloc DigitGroup[MaxDigits];
        var international = first > start && (IsPlus(text[start]) || IsPlus(text[first - 1]));
        var (count, digits, end, next) = (0, 0, first, first + 1);
        for (var at = first; ;)
        {
            var group = ReadGroup(text, at, international, count > 0, out var after);
            if (group.Finding == Finding.Open) return Open;
            if (count == 0) next = Math.Max(next, after);
            if (group.Finding == Finding.No) break;
            if (digits + group.Length > MaxDigits)
            {
                // Four groups of four that fail the Luhn check, or cards that are not to be masked.
                if (count == 3 && !international && AreAll(groups[..3], 4) && group.Length == 4) return new(Finding.Yes, end, group.End, false);
                break;
            }

            groups[count++] = group;
            digits += group.Length;
            end = after;
            at = text.SkipPhoneGap(after);
            if (after > group.End || (at == after && at < text.Length)) break;
        }

        if (count == 0) return new(Finding.No, end, next, false);
        var shape = new PhoneShape(text, groups[..count], digits);
        return new(Finding.Yes, end, shape.IsCard ? end : next, international ? digits >= 7 : shape.IsNational(inParentheses: first > start));
    }

    /// <summary>Reads a group with its extension, and the place after it, or after what is no part of a telephone number.</summary>
    private static DigitGroup ReadGroup(DigitText text, int start, bool international, bool linked, out int after)
    {
        var group = text.ReadGroup(start);
        after = group.End;
        if (group.Finding != Finding.Yes) return group;
        var finding = ReadExtension(text, ref after);
        if (finding == Finding.Yes && !international)
        {
            var plain = PlainNumber.Read(text, start, linked, out var end);
            if (plain == Finding.Yes) after = end;
            if (plain == Finding.No) plain = text.IsInUuid(start);
            if (plain != Finding.No) finding = plain == Finding.Open ? Finding.Open : Finding.No;
        }

        return group with { Finding = finding };
    }

    /// <summary>A letter after the digits makes them part of a word, unless it is the <c>x</c> of an extension.</summary>
    private static Finding ReadExtension(DigitText text, ref int end)
    {
        if (end == text.Length || !(char.IsLetter(text[end]) || text[end] == '_')) return Finding.Yes;
        if (text[end] is not ('x' or 'X')) return Finding.No;
        var last = end + 1;
        while (text.IsDigit(last) && last - end <= MaxExtension) last++;
        if (last == text.Length && text.AtEnd == Finding.Open) return Finding.Open;
        if (last == end + 1 || text.IsDigit(last)) return Finding.No;
        end = last;
        return Finding.Yes;
    }

    private static bool IsPlus(char c) => c is '+' or '\uFF0B';

    private static bool AreAll(ReadOnlySpan<DigitGroup> groups, int length)
    {
        foreach (var group in groups)
        {
            if (group.Length != length) return false;
        }

        return true;
    }
}

/// <summary>Judges groups of digits by how many there are and how long.</summary>
internal readonly ref struct PhoneShape(DigitText text, ReadOnlySpan<DigitGroup> groups, int digits)
{
    private readonly DigitText _text = text;
    private readonly ReadOnlySpan<DigitGroup> _groups = groups;

    /// <summary>How cards of 15 digits are written.</summary>
    public bool IsCard => _groups.Length == 3 && _groups[0].Length == 4 && _groups[1].Length == 6 && _groups[2].Length == 5;

    public bool IsNational(bool inParentheses)
    {
        var first = _groups[0].Start;
        if (_groups.Length == 1) return digits >= 9 && (digits <= 12 || (_text[first] == '0' && _text[first + 1] == '0'));
        if (IsCard || AreYears || CountOfSingles > 2) return false;
        if (inParentheses || _text[first] == '0') return digits >= 7;
        return digits >= 8 || (_groups.Length == 2 && _groups[0].Length == 3 && digits == 7 && _text[_groups[0].End] == '-');
    }

    private bool AreYears => _groups.Length == 2 && IsYear(_groups[0]) && IsYear(_groups[1]);

    private int CountOfSingles
    {
        get
        {
            var count = 0;
            foreach (var group in _groups) count += group.Length == 1 ? 1 : 0;
            return count;
        }
    }

    private bool IsYear(DigitGroup group) =>
        group.Length == 4 && (_text[group.Start], _text[group.Start + 1]) is ('1', '9') or ('2', '0');
}
