using System.Reflection.PortableExecutable;

namespace PluginHost.Benchmarks.Compare;

/// <summary>Whether an assembly was compiled to native code ahead (ReadyToRun).</summary>
internal static class Precompiled
{
    public static bool Is(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader is { } header && header.ManagedNativeHeaderDirectory.Size > 0;
    }
}
