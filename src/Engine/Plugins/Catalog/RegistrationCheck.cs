using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Finds the mistakes of a registration that only the plugin's author can correct.</summary>
internal static partial class RegistrationCheck
{
    public static IEnumerable<(string Message, string Cure)> FindDefects(PluginRegistration registration)
    {
        if (!PluginName().IsMatch(registration.Name))
            yield return (
                "this is not a name for a plugin.",
                "Allowed are 1 to 64 lower case letters, digits and hyphens, beginning with a letter.");
        else if (ModelConfiguration.BuiltInClients.Contains(registration.Name))
            yield return ("the name belongs to a built-in chat client.", "Register it under another name.");
        if (registration.Type is not { } type)
        {
            yield return ("its registration names no class.", "Name the plugin's class: [assembly: Plugin(\"name\", typeof(MyPlugin))].");
            yield break;
        }

        var isClass = false;
        if (type.ContainsGenericParameters)
            yield return ($"{NameOf(type)} is generic.", "Register a class without type parameters.");
        else if (!type.IsClass)
            yield return ($"{NameOf(type)} is not a class.", "Register a class.");
        else if (type.IsAbstract)
            yield return ($"{NameOf(type)} is abstract.", "Register a class that can be constructed.");
        else
            isClass = true;
        if (!type.IsVisible) yield return ($"{NameOf(type)} is not public.", "Make it public, with the classes around it.");
        if (PluginKind.From(type).Count == 0)
            yield return (
                $"{NameOf(type)} implements no plugin interface.",
                $"Implement one of {string.Join(", ", PluginKind.All.Select(k => k.Interface.Name))}.");
        var interfaces = type.GetInterfaces().Select(i => i.FullName).ToHashSet();
        if (interfaces.Contains(typeof(ISharedSessionStore).FullName) && interfaces.Contains(typeof(IResourceHandover).FullName))
            yield return (
                $"{NameOf(type)} implements {nameof(ISharedSessionStore)} and {nameof(IResourceHandover)}: what several hosts use at once is not held by one build.",
                $"Remove {nameof(IResourceHandover)}.");
        if (isClass && ConstructorDefect(type, registration.Options) is { } defect) yield return defect;
    }

    private static (string Message, string Cure)? ConstructorDefect(Type type, Type options)
    {
        var hasOptions = options.FullName != typeof(NoOptions).FullName;
        var written = string.Join(" or ", hasOptions
            ? [$"({options.Name} options)", $"({options.Name} options, {nameof(PluginContext)} context)"]
            : new[] { "()", $"({nameof(PluginContext)} context)" });
        if (PluginConstructor.Find(type, options.FullName!) is not { } constructor)
            return type.GetConstructors().Length == 0
                ? ($"{NameOf(type)} has no public constructor.", $"Add one: {written}.")
                : ($"{NameOf(type)} has no public constructor that the host can call, or two that fit equally well.", $"Add one: {written}.");
        return hasOptions && !PluginConstructor.TakesOptions(constructor)
            ? ($"the constructor of {NameOf(type)} takes no {options.Name}, which its registration names as its options.", $"Write {written}, or register it without options.")
            : null;
    }

    private static string NameOf(Type type) => type.FullName ?? type.Name;

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z")]
    private static partial Regex PluginName();
}
