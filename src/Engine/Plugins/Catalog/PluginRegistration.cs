using System.Reflection;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>A registration attribute of an assembly, read from metadata.</summary>
/// <param name="File">The assembly that has the attribute.</param>
/// <param name="Name">The name that it gives to the plugin.</param>
/// <param name="Type">The plugin class; null when the attribute names none.</param>
/// <param name="Options">The type of the options.</param>
internal sealed record PluginRegistration(string File, string Name, Type? Type, Type Options)
{
    public bool AllowSkip { get; private init; } = true;

    /// <summary>The registrations of an assembly, in the order of its attributes.</summary>
    public static IEnumerable<PluginRegistration> Read(Assembly assembly) =>
        from attribute in assembly.GetCustomAttributesData()
        where attribute.AttributeType.FullName == typeof(PluginAttribute).FullName
        let name = attribute.ConstructorArguments[0].Value as string ?? ""
        let type = attribute.ConstructorArguments[1].Value as Type
        let options = Named(attribute, nameof(PluginAttribute.Options)) as Type
            ?? attribute.AttributeType.Assembly.GetType(typeof(NoOptions).FullName!, throwOnError: true)!
        select new PluginRegistration(assembly.Location, name, type, options)
        {
            AllowSkip = Named(attribute, nameof(PluginAttribute.AllowSkip)) is not false,
        };

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value;
}
