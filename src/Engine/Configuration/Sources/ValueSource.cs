namespace PluginHost.Engine.Configuration.Sources;

/// <summary>The kinds of places that values of the configuration come from.</summary>
internal enum ValueOrigin
{
    File,
    Environment,
    CommandLine,
}

/// <summary>Where a value comes from.</summary>
/// <param name="Origin">The kind of place.</param>
/// <param name="Name">The file, the variable, or the option.</param>
/// <param name="Line">The line of the file, from 1; null when it is not known, and for other places.</param>
internal sealed record ValueSource(ValueOrigin Origin, string Name, int? Line = null)
{
    /// <summary>For error messages, for example <c>environment variable Server__Listen__0</c>.</summary>
    public override string ToString() => Origin switch
    {
        ValueOrigin.Environment => $"environment variable {Name}",
        ValueOrigin.CommandLine => $"command line option {Name}",
        _ => Line is null ? Name : $"{Name}, line {Line}",
    };
}
