namespace PluginHost.Redaction;

/// <summary>Groups with up to 15 digits in total that may be one telephone number.</summary>
/// <param name="Decision">Whether there is at least one group.</param>
/// <param name="End">The index after the last group and its extension.</param>
/// <param name="Next">The index to continue from when this is not a telephone number.</param>
/// <param name="IsPhone">Whether the groups look like a telephone number.</param>
internal readonly record struct PhoneRun(Decision Decision, int End, int Next, bool IsPhone)
{
    private const int MaxDigits = 15;
    private const int MaxExtension = 6;

    /// <summary>The maximum number of groups with one digit. More of them are a list of numbers.</summary>
    private const int MaxSingles = 2;

    private static PhoneRun Undecided => new(Decision.Undecided, 0, 0, false);

    /// <param name="text">The text.</param>
    /// <param name="start">The index of the plus, the parenthesis or the first digit.</param>
    /// <param name="first">The index of the first digit.</param>
    public static PhoneRun Read(DigitText text, int start, int first)
    {
        Span<DigitGroup> groups = stackalloc DigitGroup[MaxDigits];
        var international = first > start && (IsPlus(text[start]) || IsPlus(text[first - 1]));
        var (count, digits, singles, end, next) = (0, 0, 0, first, first + 1);
        for (var at = first; ;)
        {
            var group = ReadGroup(text, at, international, count > 0, out var after);
            if (group.Decision == Decision.Undecided) return Undecided;
            if (count == 0) next = Math.Max(next, after);
            if (group.Decision == Decision.No) break;
            if (digits + group.Length > MaxDigits)
            {
                // Four groups of four digits are a card number, even when it fails the Luhn check or cards are not masked.
                if (count == 3 && !international && AllHaveLength(groups[..3], 4) && group.Length == 4) return new(Decision.Yes, end, group.End, false);
                break;
            }

            groups[count++] = group;
            digits += group.Length;
            if (group.Length == 1 && ++singles > MaxSingles && !international) return new(Decision.Yes, after, next, false);
            end = after;
            at = text.SkipPhoneGap(after);
            if (after > group.End || (at == after && at < text.Length)) break;
        }

        if (count == 0) return new(Decision.No, end, next, false);
        var shape = new PhoneShape(text, groups[..count], digits);
        return new(Decision.Yes, end, shape.IsCard ? end : next, international ? digits >= 7 : shape.IsNational(inParentheses: first > start));
    }

    /// <summary>Reads a group with its extension.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The index of the first digit.</param>
    /// <param name="international">Whether the number starts with a plus.</param>
    /// <param name="hasPrevious">Whether another group of the same run precedes it.</param>
    /// <param name="after">The index after the group, or after a number that is not part of a telephone number.</param>
    private static DigitGroup ReadGroup(DigitText text, int start, bool international, bool hasPrevious, out int after)
    {
        var group = text.ReadGroup(start);
        after = group.End;
        if (group.Decision != Decision.Yes) return group;
        var decision = ReadExtension(text, ref after);
        if (decision == Decision.Yes && !international)
        {
            var plain = PlainNumber.Read(text, start, hasPrevious, out var end);
            if (plain == Decision.Yes) after = end;
            if (plain == Decision.No) plain = text.IsInUuid(start);
            if (plain != Decision.No) decision = plain == Decision.Undecided ? Decision.Undecided : Decision.No;
        }

        return group with { Decision = decision };
    }

    /// <summary>Reads an extension such as <c>x12</c>. Any other letter makes the digits part of a word.</summary>
    private static Decision ReadExtension(DigitText text, ref int end)
    {
        if (end == text.Length || !(char.IsLetter(text[end]) || text[end] == '_')) return Decision.Yes;
        if (text[end] is not ('x' or 'X')) return Decision.No;
        var last = end + 1;
        while (text.IsDigit(last) && last - end <= MaxExtension) last++;
        if (last == text.Length && text.DecisionAtEnd == Decision.Undecided) return Decision.Undecided;
        if (last == end + 1 || text.IsDigit(last)) return Decision.No;
        end = last;
        return Decision.Yes;
    }

    private static bool IsPlus(char c) => c is '+' or '\uFF0B';

    private static bool AllHaveLength(ReadOnlySpan<DigitGroup> groups, int length)
    {
        foreach (var group in groups)
        {
            if (group.Length != length) return false;
        }

        return true;
    }
}

/// <summary>Classifies groups of digits by their number and lengths.</summary>
internal readonly ref struct PhoneShape(DigitText text, ReadOnlySpan<DigitGroup> groups, int digits)
{
    private readonly DigitText _text = text;
    private readonly ReadOnlySpan<DigitGroup> _groups = groups;

    /// <summary>Whether the groups have the lengths of a card number with 15 digits.</summary>
    public bool IsCard => _groups.Length == 3 && _groups[0].Length == 4 && _groups[1].Length == 6 && _groups[2].Length == 5;

    public bool IsNational(bool inParentheses)
    {
        var first = _groups[0].Start;
        if (_groups.Length == 1) return digits >= 9 && (digits <= 12 || (_text[first] == '0' && _text[first + 1] == '0'));
        if (IsCard || IsYearRange) return false;
        if (inParentheses || _text[first] == '0') return digits >= 7;
        return digits >= 8 || (_groups.Length == 2 && _groups[0].Length == 3 && digits == 7 && _text[_groups[0].End] == '-');
    }

    private bool IsYearRange => _groups.Length == 2 && _text.IsYear(_groups[0]) && _text.IsYear(_groups[1]);
}
