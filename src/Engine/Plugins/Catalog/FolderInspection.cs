using System.ComponentModel.DataAnnotations;
using System.Reflection;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Reads the plugins of one folder from metadata. No plugin code runs.</summary>
/// <param name="folder">The folder.</param>
/// <param name="sources">What options may refer to.</param>
/// <param name="stamp">The stamp of a folder that is read in place; null for a copy, and when it cannot be read.</param>
internal sealed class FolderInspection(PluginFolder folder, OptionSources sources, string? stamp)
{
    private readonly List<ConfigurationError> _errors = [];
    // Several checks look at the same files.
    private readonly Dictionary<string, AssemblyFacts?> _facts = new(StringComparer.Ordinal);

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>The valid plugins; what is wrong with others is in <see cref="Errors"/>.</summary>
    public IReadOnlyList<PluginDescriptor> Run()
    {
        try
        {
            if (!File.Exists(folder.Image))
                _errors.Add(PluginErrors.NoAssembly(folder.Folder, folder.File));
            else if (Read(folder.Image) is not { } main)
                _errors.Add(PluginErrors.NotAssembly(folder.File));
            else if (AuthorsAssemblies.Find(folder, main, Read) is var assemblies && HaveReferences(assemblies))
                return ReadPlugins(assemblies);
        }
        catch (Exception e)
        {
            _errors.Add(PluginErrors.Unreadable(folder.File, e.Message));
        }

        return [];
    }

    private AssemblyFacts? Read(string file)
    {
        if (!_facts.TryGetValue(file, out var facts)) _facts[file] = facts = AssemblyFacts.Read(file);
        return facts;
    }

    private bool HaveReferences(AuthorsAssemblies assemblies)
    {
        var before = _errors.Count;
        new ReferenceCheck(folder, _errors, Read).Check([.. assemblies.All.Select(a => a.Facts)]);
        return _errors.Count == before;
    }

    private List<PluginDescriptor> ReadPlugins(AuthorsAssemblies assemblies)
    {
        using var context = new MetadataLoadContext(new FolderResolver(folder), typeof(object).Assembly.GetName().Name);
        var main = context.LoadFromAssemblyPath(folder.Image);
        var registrations = assemblies.All.SelectMany(a => PluginRegistration.Read(context.LoadFromAssemblyPath(a.File)))
            .Select(r => r with { File = folder.Original(r.File) }).ToList();
        if (registrations.Count == 0)
        {
            _errors.Add(PluginErrors.NoRegistration(folder.File));
            return [];
        }

        var documentation = new XmlDocumentation([.. assemblies.All.Select(a => a.File)]);
        var basis = new PluginDescriptor("", folder.File)
        {
            Version = VersionOf(main),
            Sources = sources,
            SdkVersion = assemblies.SdkVersion.ToString(3),
            Image = folder.Image,
            Hash = new(ReadHash, LazyThreadSafetyMode.PublicationOnly),
        };
        return [.. WithoutDuplicates(registrations, folder.File).Select(r => Read(r, basis, documentation)).OfType<PluginDescriptor>()];
    }

    /// <returns>Empty when the files are no longer those that were inspected.</returns>
    private string ReadHash()
    {
        var hash = folder.Sha256;
        return stamp is null || stamp == FolderStamp.TryRead(folder.Folder) ? hash : "";
    }

    /// <summary>One registration for each name: that of the main assembly is preferred to those of others.</summary>
    private IEnumerable<PluginRegistration> WithoutDuplicates(IEnumerable<PluginRegistration> registrations, string mainFile)
    {
        foreach (var named in registrations.GroupBy(r => r.Name))
        {
            var preferred = named.Where(r => r.File == mainFile).ToList() is { Count: > 0 } inMain ? inMain : [.. named];
            if (preferred.Count > 1) _errors.Add(PluginErrors.RegisteredTwice(preferred[0], preferred[1]));
            else yield return preferred[0];
        }
    }

    private PluginDescriptor? Read(PluginRegistration registration, PluginDescriptor basis, XmlDocumentation documentation)
    {
        var defects = RegistrationCheck.FindDefects(registration).ToList();
        var options = OptionsModel.Read(registration.Options, documentation, (message, cure) => defects.Add((message, cure)));
        _errors.AddRange(defects.Select(d => PluginErrors.Defect(registration.File, registration.Name, d.Message, d.Cure)));
        if (defects.Count > 0) return null;
        var type = registration.Type!;
        return basis with
        {
            Name = registration.Name,
            Kinds = PluginKind.From(type),
            AllowSkip = registration.AllowSkip,
            Class = new(type),
            OptionsClass = new(registration.Options),
            Options = options,
            ValidatesOptions = registration.Options.GetInterfaces().Any(i => i.FullName == typeof(IValidatableObject).FullName),
            ReadSummary = documentation.Type(type),
        };
    }

    private static string VersionOf(Assembly assembly)
    {
        var informational = assembly.GetCustomAttributesData()
            .FirstOrDefault(a => a.AttributeType.FullName == typeof(AssemblyInformationalVersionAttribute).FullName)
            ?.ConstructorArguments[0].Value as string;

        // The commit after the plus means nothing to an operator.
        return informational?.Split('+')[0] ?? assembly.GetName().Version?.ToString(3) ?? "";
    }
}
