using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Reads the plugins of a folder from metadata. No plugin code runs.</summary>
internal sealed class PluginInspector(OptionSources sources, List<ConfigurationError> errors)
{
    // Reading metadata is what a start and a reload would spend most of their time on.
    private static readonly ConditionalWeakTable<PluginCopy, IReadOnlyList<PluginDescriptor>> Known = [];
    private static readonly ConcurrentDictionary<string, (string Stamp, IReadOnlyList<PluginDescriptor> Plugins)> KnownInPlace = new(StringComparer.Ordinal);

    private readonly Dictionary<string, IReadOnlyList<PluginDescriptor>> _unchanged = new(StringComparer.Ordinal);

    /// <summary>
    /// The plugins of a folder that was read where it is and has not changed; null for any other. A running host does not read a folder in place
    /// again: a file that is written over while it is mapped ends the process.
    /// </summary>
    public IReadOnlyList<PluginDescriptor>? FindUnchanged(string folder)
    {
        // Decided once: a folder that changes after that waits for the next reload.
        if (_unchanged.TryGetValue(folder, out var plugins)) return plugins;
        if (!KnownInPlace.TryGetValue(folder, out var known) || known.Stamp != FolderStamp.TryRead(folder)) return null;
        return _unchanged[folder] = known.Plugins;
    }

    /// <summary>The valid plugins of a folder; the others are added to the errors. Files without an error are read once.</summary>
    public IReadOnlyList<PluginDescriptor> Inspect(PluginFolder folder)
    {
        var known = folder.Copy is { } copy ? FindKnown(folder, copy) : FindUnchanged(folder.Folder);
        return known is null ? InspectNew(folder) : [.. known.Select(p => p with { Sources = sources })];
    }

    private static IReadOnlyList<PluginDescriptor>? FindKnown(PluginFolder folder, PluginCopy copy)
    {
        if (Known.TryGetValue(copy, out var known)) return known;
        // The first read of a start is in place.
        if (!KnownInPlace.TryGetValue(folder.Folder, out var before) || !before.Plugins.All(p => p.Sha256 == copy.Sha256)) return null;
        return Known.GetValue(copy, _ => [.. before.Plugins.Select(p => p with { Image = folder.Image })]);
    }

    private List<PluginDescriptor> InspectNew(PluginFolder folder)
    {
        var stamp = folder.Copy is null ? FolderStamp.TryRead(folder.Folder) : null;
        var before = errors.Count;
        var found = InspectNow(folder);
        if (errors.Count > before) return found;
        if (folder.Copy is { } copy) Known.AddOrUpdate(copy, found);
        // Not a folder that changed meanwhile.
        else if (stamp is not null && stamp == FolderStamp.TryRead(folder.Folder)) KnownInPlace[folder.Folder] = (stamp, found);
        return found;
    }

    private List<PluginDescriptor> InspectNow(PluginFolder folder)
    {
        try
        {
            if (!File.Exists(folder.Image))
                errors.Add(PluginErrors.NoAssembly(folder.Folder, folder.File));
            else if (AssemblyFacts.Read(folder.Image) is not { } main)
                errors.Add(PluginErrors.NotAssembly(folder.File));
            else if (AuthorsAssemblies.Find(folder, main) is var assemblies && HaveReferences(folder, assemblies))
                return ReadPlugins(folder, assemblies);
        }
        catch (Exception e)
        {
            errors.Add(PluginErrors.Unreadable(folder.File, e.Message));
        }

        return [];
    }

    private bool HaveReferences(PluginFolder folder, AuthorsAssemblies assemblies)
    {
        var before = errors.Count;
        new ReferenceCheck(folder, errors).Check([.. assemblies.All.Select(a => a.Facts)]);
        return errors.Count == before;
    }

    private List<PluginDescriptor> ReadPlugins(PluginFolder folder, AuthorsAssemblies assemblies)
    {
        using var context = new MetadataLoadContext(new FolderResolver(folder), typeof(object).Assembly.GetName().Name);
        var main = context.LoadFromAssemblyPath(folder.Image);
        var registrations = assemblies.All.SelectMany(a => PluginRegistration.Read(context.LoadFromAssemblyPath(a.File)))
            .Select(r => r with { File = folder.Original(r.File) }).ToList();
        if (registrations.Count == 0)
        {
            errors.Add(PluginErrors.NoRegistration(folder.File));
            return [];
        }

        var documentation = XmlDocumentation.Read([.. assemblies.All.Select(a => a.File)]);
        var basis = new PluginDescriptor("", folder.File)
        {
            Version = VersionOf(main),
            Sources = sources,
            SdkVersion = assemblies.SdkVersion.ToString(3),
            Image = folder.Image,
            Sha256 = folder.Sha256,
        };
        return [.. WithoutDuplicates(registrations, folder.File).Select(r => Read(r, basis, documentation)).OfType<PluginDescriptor>()];
    }

    /// <summary>One registration for each name: that of the main assembly is preferred to those of others.</summary>
    private IEnumerable<PluginRegistration> WithoutDuplicates(IEnumerable<PluginRegistration> registrations, string mainFile)
    {
        foreach (var named in registrations.GroupBy(r => r.Name))
        {
            var preferred = named.Where(r => r.File == mainFile).ToList() is { Count: > 0 } inMain ? inMain : [.. named];
            if (preferred.Count > 1) errors.Add(PluginErrors.RegisteredTwice(preferred[0], preferred[1]));
            else yield return preferred[0];
        }
    }

    private PluginDescriptor? Read(PluginRegistration registration, PluginDescriptor basis, XmlDocumentation documentation)
    {
        var defects = RegistrationCheck.FindDefects(registration).ToList();
        var options = OptionsModel.Read(registration.Options, documentation, (message, cure) => defects.Add((message, cure)));
        errors.AddRange(defects.Select(d => PluginErrors.Defect(registration.File, registration.Name, d.Message, d.Cure)));
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
            Summary = documentation.Type(type),
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
