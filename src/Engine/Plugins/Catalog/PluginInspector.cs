using System.Reflection;
using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Reads the plugins of a folder from metadata. No plugin code runs.</summary>
internal sealed partial class PluginInspector(List<ConfigurationError> errors)
{
    /// <summary>The valid plugins of a folder; the others are added to the errors.</summary>
    public IReadOnlyList<PluginDescriptor> Inspect(string path)
    {
        var folder = new PluginFolder(path);
        try
        {
            if (!File.Exists(folder.File))
                errors.Add(PluginErrors.NoAssembly(folder.Folder, folder.File));
            else if (AssemblyFacts.Read(folder.File) is not { } facts)
                errors.Add(PluginErrors.NotAssembly(folder.File));
            else if (HasReferences(folder, facts))
                return ReadRegistrations(folder, facts);
        }
        catch (Exception e)
        {
            errors.Add(PluginErrors.Unreadable(folder.File, e.Message));
        }

        return [];
    }

    /// <summary>Whether this is the constructor that the host calls: <c>(TOptions, PluginContext)</c>.</summary>
    public static bool IsPluginConstructor(ConstructorInfo constructor) =>
        constructor.GetParameters() is [_, { ParameterType.FullName: var second }] && second == typeof(PluginContext).FullName;

    private bool HasReferences(PluginFolder folder, AssemblyFacts facts)
    {
        var before = errors.Count;
        new ReferenceCheck(folder, errors).Check(facts);
        return errors.Count == before;
    }

    private List<PluginDescriptor> ReadRegistrations(PluginFolder folder, AssemblyFacts facts)
    {
        using var context = new MetadataLoadContext(new FolderResolver(folder), typeof(object).Assembly.GetName().Name);
        var assembly = context.LoadFromAssemblyPath(folder.File);
        var registrations = assembly.GetCustomAttributesData()
            .Where(a => a.AttributeType.IsGenericType)
            .Where(a => a.AttributeType.GetGenericTypeDefinition().FullName == typeof(PluginAttribute<,>).FullName)
            .ToList();
        if (registrations.Count == 0)
        {
            errors.Add(PluginErrors.NoRegistration(folder.File));
            return [];
        }

        var documentation = XmlDocumentation.Read(folder.File);
        var basis = new PluginDescriptor("", folder.File)
        {
            Version = VersionOf(assembly),
            SdkVersion = facts.References.First(r => r.Name == SharedAssemblies.Sdk).Version!.ToString(3),
            ModuleVersionId = facts.ModuleVersionId,
        };
        return [.. registrations.Select(r => ReadRegistration(r, basis, documentation)).OfType<PluginDescriptor>()];
    }

    private PluginDescriptor? ReadRegistration(CustomAttributeData registration, PluginDescriptor basis, XmlDocumentation documentation)
    {
        var name = registration.ConstructorArguments[0].Value as string ?? "";
        var (type, optionsType) = registration.AttributeType.GetGenericArguments() is [var p, var o] ? (p, o) : default;
        var kinds = PluginKind.From(type);
        var defects = Defects(name, type, optionsType, kinds).ToList();
        var options = OptionsModel.Read(optionsType, documentation, (message, cure) => defects.Add((message, cure)));
        defects.AddRange(options.Members.Where(m => PluginEntry.SettingNames.Contains(m.Name, StringComparer.OrdinalIgnoreCase))
            .Select(m => ($"its option '{m.Name}' has the name of a setting of the host's.", "Rename it.")));
        errors.AddRange(defects.Select(d => PluginErrors.Defect(basis.File, name, d.Message, d.Cure)));
        if (defects.Count > 0) return null;
        return basis with
        {
            Name = name,
            Kinds = kinds,
            AllowSkip = registration.NamedArguments.FirstOrDefault(a => a.MemberName == "AllowSkip").TypedValue.Value is not false,
            TypeName = type.FullName!,
            Options = options,
            Summary = documentation.Type(type),
        };
    }

    private static IEnumerable<(string Message, string Cure)> Defects(string name, Type type, Type options, IReadOnlyList<PluginKind> kinds)
    {
        if (!PluginName().IsMatch(name))
            yield return (
                "this is not a name for a plugin.",
                "Allowed are 1 to 64 lower case letters, digits and hyphens, beginning with a letter.");
        else if (ModelConfiguration.BuiltInClients.Contains(name))
            yield return ("the name belongs to a built-in chat client.", "Register it under another name.");
        if (type.IsAbstract || type.ContainsGenericParameters)
            yield return ($"{type.FullName} is abstract.", "Register a class that can be constructed.");
        else if (!type.GetConstructors().Any(c => IsPluginConstructor(c) && c.GetParameters()[0].ParameterType.FullName == options.FullName))
            yield return (
                $"{type.FullName} has no public constructor ({options.Name} options, PluginContext context).",
                "Add it.");
        if (kinds.Count == 0)
            yield return (
                $"{type.FullName} implements no plugin interface.",
                $"Implement one of {string.Join(", ", PluginKind.All.Select(k => k.Interface.Name))}.");
    }

    private static string VersionOf(Assembly assembly)
    {
        var informational = assembly.GetCustomAttributesData()
            .FirstOrDefault(a => a.AttributeType.FullName == typeof(AssemblyInformationalVersionAttribute).FullName)
            ?.ConstructorArguments[0].Value as string;

        // The commit after the plus means nothing to an operator.
        return informational?.Split('+')[0] ?? assembly.GetName().Version?.ToString(3) ?? "";
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z")]
    private static partial Regex PluginName();
}
