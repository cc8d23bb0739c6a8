namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>A class of a plugin's folder, by name: the class itself is not loaded.</summary>
/// <param name="Assembly">The simple name of its assembly.</param>
/// <param name="FullName">The name with its namespace.</param>
internal sealed record TypeReference(string Assembly, string FullName)
{
    public TypeReference(Type type)
        : this(type.Assembly.GetName().Name!, type.FullName!)
    {
    }
}
