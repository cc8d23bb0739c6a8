using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>What the host reads from the header of an assembly.</summary>
internal sealed record AssemblyFacts(string Name, Version Version, IReadOnlyList<AssemblyName> References)
{
    /// <summary>Reads a file; null when it is not a .NET assembly, or not a whole one.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static AssemblyFacts? Read(string file)
    {
        // All of it first: a reader of a file maps it, and a file that is cut while it is mapped ends the process.
        var bytes = File.ReadAllBytes(file);
        try
        {
            using var image = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(bytes));
            if (!image.HasMetadata || !IsWhole(image, bytes.Length)) return null;
            var reader = image.GetMetadataReader();
            if (!reader.IsAssembly) return null;
            var definition = reader.GetAssemblyDefinition();
            var references = reader.AssemblyReferences.Select(r => reader.GetAssemblyReference(r).GetAssemblyName());
            return new(reader.GetString(definition.Name), definition.Version, [.. references]);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    /// <summary>Whether the file has all the bytes that its header promises. The metadata of a file that is still being written may be there.</summary>
    private static bool IsWhole(PEReader image, long length) =>
        image.PEHeaders.SectionHeaders.All(s => (long)s.PointerToRawData + s.SizeOfRawData <= length);
}
