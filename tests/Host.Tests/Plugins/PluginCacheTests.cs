using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Plugins;

/// <summary>Plugins are loaded from copies that several hosts share and others cannot change.</summary>
public sealed class PluginCacheTests : IDisposable
{
    private const string UsesGoodContext = """{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { "Path": "data" } } ] } } }""";

    private const UnixFileMode GroupAndOthers = (UnixFileMode)0b000_111_111;

    private readonly TemporaryFolder _folder = new();

    private string Plugin => Path.Combine(_folder.Path, "plugins", "Clock");

    private string Root => Path.Combine(_folder.Path, "cache");

    public PluginCacheTests()
    {
        _folder.Write("plugins/Clock/Clock.dll", "code");
        _folder.Write("plugins/Clock/runtimes/linux/native.so", "native code");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_copy_has_all_files_and_is_named_after_their_hash_as_sha256sum_prints_it()
    {
        using var cache = Open();
        var copy = cache.Add(Plugin);

        var list = $"{Sha256("code")}  Clock.dll\n{Sha256("native code")}  runtimes/linux/native.so\n";
        Assert.Equal(Sha256(list), copy.Sha256);
        Assert.Equal(Path.Combine(Root, copy.Sha256, "Clock"), copy.Folder);
        Assert.Equal(FolderFiles.Hash(Plugin), FolderFiles.Hash(copy.Folder));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void A_copy_is_its_owners_alone()
    {
        using var cache = Open();
        cache.Add(Plugin);

        foreach (var path in Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Append(Root))
            Assert.Equal((path, UnixFileMode.None), (path, File.GetUnixFileMode(path) & GroupAndOthers));
    }

    [Fact]
    public void Any_changed_file_makes_another_copy_and_the_first_stays_as_it_was()
    {
        using var cache = Open();
        var first = cache.Add(Plugin);
        _folder.Write("plugins/Clock/runtimes/linux/native.so", "other code");
        var second = cache.Add(Plugin);

        Assert.NotEqual(first.Sha256, second.Sha256);
        Assert.Equal("native code", File.ReadAllText(Path.Combine(first.Folder, "runtimes/linux/native.so")));
        Assert.Equal("other code", File.ReadAllText(Path.Combine(second.Folder, "runtimes/linux/native.so")));
    }

    [Fact]
    public void A_copy_that_was_changed_is_made_again()
    {
        using var cache = Open();
        var copy = cache.Add(Plugin);
        File.WriteAllText(Path.Combine(copy.Folder, "Clock.dll"), "planted");
        Assert.Equal("code", File.ReadAllText(Path.Combine(cache.Add(Plugin).Folder, "Clock.dll")));
    }

    [Fact]
    public async Task Hosts_that_copy_the_same_folder_at_the_same_time_share_one_whole_copy()
    {
        var caches = Enumerable.Range(0, 8).Select(_ => Open()).ToList();
        var copies = await Task.WhenAll(caches.Select(c => Task.Run(() => c.Add(Plugin))));

        Assert.Single(copies.Distinct());
        Assert.Equal(FolderFiles.Hash(Plugin), FolderFiles.Hash(copies[0].Folder));
        Assert.Single(Directory.GetDirectories(Path.Combine(Root, copies[0].Sha256)));
        caches.ForEach(c => c.Dispose());
    }

    [Fact]
    public void Old_copies_are_deleted_unless_another_host_uses_them()
    {
        var other = Open();
        var used = other.Add(Plugin);
        _folder.Write("plugins/Clock/Clock.dll", "second");
        PluginCopy unused;
        using (var gone = Open()) unused = gone.Add(Plugin);
        _folder.Write("plugins/Clock/Clock.dll", "third");
        using var cache = Open();
        var own = cache.Add(Plugin);

        cache.Collect();
        Assert.Equal((true, false, true), (Directory.Exists(used.Folder), Directory.Exists(unused.Folder), Directory.Exists(own.Folder)));

        other.Dispose();
        cache.Collect();
        Assert.False(Directory.Exists(used.Folder));
    }

    [Fact]
    public void Other_folders_beside_the_copies_and_their_rights_are_left_alone()
    {
        _folder.Write("cache/sessions/ada.json", "{}");
        var folder = Path.Combine(_folder.Path, "cache");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead);
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(folder);
        using var cache = new PluginCache();
        cache.Open(folder);
        cache.Add(Plugin);

        cache.Collect();

        Assert.True(File.Exists(Path.Combine(folder, "sessions", "ada.json")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(mode, File.GetUnixFileMode(folder));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_others_can_write_is_no_place_for_copies()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "open")).FullName;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherWrite);
        using var cache = new PluginCache();

        Assert.Throws<IOException>(() => cache.Open(folder));
    }

    [LinuxFact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_whose_files_keep_changing_is_refused()
    {
        // Has another content each time it is read.
        File.CreateSymbolicLink(Path.Combine(Plugin, "changing"), "/proc/sys/kernel/random/uuid");
        using var cache = Open();
        Assert.Contains("keep changing", Assert.Throws<IOException>(() => cache.Add(Plugin)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateDirectories(Root, "*", SearchOption.AllDirectories), d => Path.GetFileName(d) == "Clock");
    }

    [Fact]
    public void Only_plugins_that_the_configuration_uses_are_copied()
    {
        using var fixture = new PluginFixture("GoodPlugin", "Library1Plugin");
        using var cache = new PluginCache();

        var setup = fixture.Load(UsesGoodContext, cache: cache);
        Assert.Empty(setup.Errors);
        Assert.Equal(["GoodPlugin"], CopiesIn(cache));
        var unused = setup.Catalog.Find("library-1")!;
        Assert.Equal((unused.File, FolderFiles.Identify(unused.Folder)), (unused.Image, unused.Sha256));

        // A reload that needs it copies it, and one that finds another build of an unused plugin reads a copy of that.
        var both = fixture.Load("""{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { "Path": "data" } }, { "Plugin": "library-1" } ] } } }""", cache: cache);
        Assert.Empty(both.Errors);
        Assert.StartsWith(cache.Folder, both.Catalog.Find("library-1")!.Image, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(unused.Folder, "added.txt"), "more");
        var changed = fixture.Load(UsesGoodContext, cache: cache).Catalog.Find("library-1")!;
        Assert.StartsWith(cache.Folder, changed.Image, StringComparison.Ordinal);
        Assert.Equal(FolderFiles.Identify(unused.Folder), changed.Sha256);
    }

    [Fact]
    public void Pins_are_checked_on_the_copy_that_is_loaded()
    {
        using var fixture = new PluginFixture("GoodPlugin");
        using var cache = new PluginCache();
        var pins = string.Join(", ", PluginFiles.Hash(Path.Combine(fixture.PluginFolder, "GoodPlugin")).Select(f => $"\"{f.Sha256}\""));
        var setup = fixture.Load($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { "Path": "data" } } ] } }, "PluginTrust": { "Sha256": [ {{pins}} ] } }""", cache: cache);
        Assert.Empty(setup.Errors);
        var plugin = setup.Catalog.Find("good-context")!;
        var copied = FolderFiles.Identify(Path.GetDirectoryName(plugin.Image)!);

        File.WriteAllText(plugin.File, "planted");

        Assert.Equal((plugin.Sha256, copied), (copied, FolderFiles.Identify(Path.GetDirectoryName(plugin.Image)!)));
        Assert.StartsWith(Path.Combine(fixture.Folder, "data", "plugin-cache"), plugin.Image, StringComparison.Ordinal);
        var refused = fixture.Load($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { "Path": "data" } } ] } }, "PluginTrust": { "Sha256": [ {{pins}} ] } }""", cache: cache);
        Assert.Contains(refused.Errors, e => e.Path == plugin.File && e.Message.Contains("not one of the pinned ones", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_temporary_with_a_warning_or_an_error_when_it_was_chosen()
    {
        using var fixture = new PluginFixture("GoodPlugin");
        // A file is in the way.
        fixture.Write("data", "");
        using (var cache = new PluginCache())
        {
            var setup = fixture.Load(UsesGoodContext, cache: cache);
            Assert.Empty(setup.Errors);
            Assert.Contains(setup.Warnings, w => w.Path == "PluginLoading:Cache" && w.Message.Contains(cache.Folder, StringComparison.Ordinal));
            Assert.True(File.Exists(setup.Catalog.Find("good-context")!.Image));
        }

        using var chosen = new PluginCache();
        var error = Assert.Single(fixture.Load("""{ "Agents": { "a": {} }, "PluginLoading": { "Cache": "data/copies" } }""", cache: chosen).Errors);
        Assert.Equal("PluginLoading:Cache", error.Path);
    }

    private static IEnumerable<string> CopiesIn(PluginCache cache) =>
        Directory.EnumerateDirectories(cache.Folder).SelectMany(Directory.EnumerateDirectories).Select(d => Path.GetFileName(d));

    private PluginCache Open()
    {
        var cache = new PluginCache();
        cache.Open(Root);
        return cache;
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
