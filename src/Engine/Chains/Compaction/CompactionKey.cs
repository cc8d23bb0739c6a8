using System.Security.Cryptography;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>The key in a file, which is created when it is not there. Several hosts may share the file.</summary>
internal static class CompactionKey
{
    public const int Length = 32;

    /// <exception cref="IOException">The file cannot be read or created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read or created.</exception>
    /// <exception cref="FormatException">The file has no key.</exception>
    public static byte[] ReadOrCreate(string file)
    {
        if (!File.Exists(file)) Create(file);
        var key = Convert.FromBase64String(File.ReadAllText(file).Trim());
        return key.Length == Length ? key : throw new FormatException($"It has {key.Length} bytes.");
    }

    /// <summary>Written beside its place, so that no process reads half a key. The first of several hosts wins.</summary>
    private static void Create(string file)
    {
        PrivateCopy.CreateFolder(Path.GetDirectoryName(file)!);
        var mine = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = PrivateCopy.FileMode;
        try
        {
            using (var writer = new StreamWriter(mine, options)) writer.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length)));
            File.Move(mine, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another host was first.
        }
        finally
        {
            File.Delete(mine);
        }
    }
}
