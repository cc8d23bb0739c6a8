using System.Reflection;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Resolves references for reading metadata, as a plugin's load context resolves them for running.</summary>
internal sealed class FolderResolver(PluginFolder folder) : MetadataAssemblyResolver
{
    public override Assembly? Resolve(MetadataLoadContext context, AssemblyName assemblyName)
    {
        var name = assemblyName.Name ?? "";
        var file = SharedAssemblies.VersionOf(name) is null ? folder.Find(name) ?? HostAssemblies.Find(name) : HostAssemblies.Find(name);
        return file is null ? null : context.LoadFromAssemblyPath(file);
    }
}
