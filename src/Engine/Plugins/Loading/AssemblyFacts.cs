using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>What the host reads from the header of an assembly.</summary>
internal sealed record AssemblyFacts(string Name, Version Version, Guid ModuleVersionId, IReadOnlyList<AssemblyName> References)
{
    /// <summary>Reads a file; null when it is not a .NET assembly.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static AssemblyFacts? Read(string file)
    {
        using var stream = File.OpenRead(file);
        try
        {
            using var image = new PEReader(stream);
            if (!image.HasMetadata) return null;
            var reader = image.GetMetadataReader();
            if (!reader.IsAssembly) return null;
            var definition = reader.GetAssemblyDefinition();
            var references = reader.AssemblyReferences.Select(r => reader.GetAssemblyReference(r).GetAssemblyName());
            var module = reader.GetGuid(reader.GetModuleDefinition().Mvid);
            return new(reader.GetString(definition.Name), definition.Version, module, [.. references]);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
