using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>What the host reads from the header of an assembly.</summary>
internal sealed record AssemblyFacts(string Name, Version Version, IReadOnlyList<AssemblyName> References)
{
    /// <summary>Reads a file; null when it is not a .NET assembly, or not a whole one.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static AssemblyFacts? Read(string file)
    {
        using var stream = FolderFiles.OpenRead(file);
        try
        {
            var headers = new PEHeaders(stream);
            if (headers.MetadataSize == 0 || !IsWhole(headers, stream.Length)) return null;
            stream.Position = headers.MetadataStartOffset;
            // Copied to memory: a file that is cut while it is mapped ends the process.
            using var metadata = MetadataReaderProvider.FromMetadataStream(stream, MetadataStreamOptions.PrefetchMetadata | MetadataStreamOptions.LeaveOpen, headers.MetadataSize);
            var reader = metadata.GetMetadataReader();
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
    private static bool IsWhole(PEHeaders headers, long length) =>
        headers.SectionHeaders.All(s => (long)s.PointerToRawData + s.SizeOfRawData <= length);
}
