using System.ComponentModel.DataAnnotations;

namespace PluginHost.Http.Binding;

/// <summary>How many characters or items a value may have.</summary>
internal sealed record Limits(int Least, int Most, string Unit)
{
    /// <summary>The limits that attributes set; none when they set none.</summary>
    public static Limits From(IReadOnlyList<Attribute> attributes, string unit)
    {
        var limits = new Limits(0, int.MaxValue, unit);
        foreach (var attribute in attributes)
        {
            limits = attribute switch
            {
                LengthAttribute length => limits with { Least = length.MinimumLength, Most = length.MaximumLength },
                MinLengthAttribute least => limits with { Least = least.Length },
                MaxLengthAttribute most => limits with { Most = most.Length },
                _ => limits,
            };
        }

        return limits;
    }

    /// <returns>Whether the count is within the limits; when not, an error is added.</returns>
    public bool Check(int count, InputErrors errors, string path = "")
    {
        if (count >= Least && count <= Most) return true;
        var allowed = Most == int.MaxValue ? $"at least {Least} {Unit}" : Least == 0 ? $"at most {Most} {Unit}s" : $"{Least} to {Most} {Unit}s";
        errors.Add(path, count == 0 ? "Must not be empty." : $"Has {count} {Unit}s.", allowed);
        return false;
    }
}
