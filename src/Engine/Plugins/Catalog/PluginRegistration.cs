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
    public static IEnumerable<PluginRegistration> Read(Assembly assembly)
    {
        foreach (var attribute in assembly.GetCustomAttributesData())
        {
            var type = attribute.AttributeType;
            if (type.IsGenericType && type.GetGenericTypeDefinition().FullName == typeof(PluginAttribute<,>).FullName)
                yield return Create(assembly, attribute, type.GetGenericArguments()[0], type.GetGenericArguments()[1]);
            else if (type.FullName == typeof(PluginAttribute).FullName)
                yield return Create(
                    assembly,
                    attribute,
                    attribute.ConstructorArguments[1].Value as Type,
                    Named(attribute, nameof(PluginAttribute.Options)) as Type ?? type.Assembly.GetType(typeof(NoOptions).FullName!, throwOnError: true)!);
        }
    }

    private static PluginRegistration Create(Assembly assembly, CustomAttributeData attribute, Type? type, Type options) =>
        new(assembly.Location, attribute.ConstructorArguments[0].Value as string ?? "", type, options)
        {
            AllowSkip = Named(attribute, nameof(PluginAttribute.AllowSkip)) is not false,
        };

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value;
}
