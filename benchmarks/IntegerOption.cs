using System.CommandLine;

namespace PluginHost.Benchmarks;

internal static class IntegerOption
{
    private const int Maximum = 100_000;

    /// <summary>Creates an option that accepts integers from <paramref name="minimum"/> to 100 000.</summary>
    public static Option<int> Create(string name, int defaultValue, int minimum, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < minimum || result.GetValueOrDefault<int>() > Maximum)
                result.AddError($"{name} must be between {minimum} and {Maximum}.");
        });
        return option;
    }
}
