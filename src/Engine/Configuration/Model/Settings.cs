using System.Reflection;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>
/// Settings of the host. A public property with a public <c>init</c> is a setting: its initializer is the default, its
/// attributes are the rules, <c>required</c> ones must be given. What the host adds itself has an internal <c>init</c>.
/// </summary>
internal abstract record Settings
{
    /// <summary>The section that the settings were read from, for the paths of errors.</summary>
    public OptionsSection Section { get; internal init; } = OptionsSection.Empty;

    public string Path => Section.Path;

    /// <summary>The properties of a record that are settings, in the order of their declaration.</summary>
    public static IEnumerable<PropertyInfo> From(Type record) => record.GetProperties().Where(p => p.SetMethod?.IsPublic == true);
}
