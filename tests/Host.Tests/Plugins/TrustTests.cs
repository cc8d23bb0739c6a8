using System.Runtime.Versioning;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Tests.Plugins;

public sealed class TrustTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.OtherWrite;

    private readonly PluginFixture _fixture = new("GoodPlugin");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Pinned_files_are_loaded_and_others_are_not()
    {
        var folder = Path.Combine(_fixture.PluginFolder, "GoodPlugin");
        var hashes = PluginFiles.Hash(folder).Select(f => f.Sha256).ToList();
        Assert.Empty(Load(hashes).Errors);
        Assert.Empty(Load([.. hashes.Select(h => h.ToUpperInvariant())]).Errors);

        File.WriteAllText(Path.Combine(folder, "Helper.dll"), "planted");
        var error = Assert.Single(Load(hashes).Errors);
        Assert.Equal(Path.Combine(folder, "Helper.dll"), error.Path);
        Assert.Contains(PluginFiles.Hash(folder).Single(f => f.Name == "Helper.dll").Sha256, error.Message, StringComparison.Ordinal);

        Assert.Equal(hashes.Count + 1, Load([]).Errors.Count);
        Assert.Contains(
            "PluginTrust:Sha256:0: \"abc\" is not allowed. Allowed: a SHA-256 of 64 hexadecimal digits",
            string.Join('\n', _fixture.Load(Json("""{ "Sha256": [ "abc" ] }""")).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_plugin_is_not_the_pinned_one()
    {
        var file = Path.Combine(_fixture.PluginFolder, "GoodPlugin", "GoodPlugin.dll");
        var hashes = PluginFiles.Hash(Path.GetDirectoryName(file)!).Select(f => f.Sha256).ToList();
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file), 0]);
        Assert.Equal(file, Assert.Single(Load(hashes).Errors).Path);
    }

    [UnixTheory]
    [InlineData("plugins")]
    [InlineData("plugins/GoodPlugin")]
    [InlineData("plugins/GoodPlugin/GoodPlugin.dll")]
    [InlineData(".")]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_all_may_write_to_is_warned_about_refused_or_not_looked_at(string place)
    {
        var path = Path.GetFullPath(place, _fixture.Folder);
        Assert.Empty(Load("warn").Warnings);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | Others);

        var warned = Load("warn");
        Assert.Empty(warned.Errors);
        Assert.Equal(path, Assert.Single(warned.Warnings).Path);
        Assert.Equal(path, Assert.Single(Load("refuse").Errors).Path);
        var ignored = Load("ignore");
        Assert.Equal((0, 0), (ignored.Errors.Count, ignored.Warnings.Count));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void The_sticky_bit_excuses_a_folder_above_but_not_the_plugins_own()
    {
        File.SetUnixFileMode(_fixture.Folder, File.GetUnixFileMode(_fixture.Folder) | Others | UnixFileMode.StickyBit);
        Assert.Empty(Load("refuse").Errors);
        File.SetUnixFileMode(_fixture.PluginFolder, File.GetUnixFileMode(_fixture.PluginFolder) | Others | UnixFileMode.StickyBit);
        Assert.Single(Load("refuse").Errors);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void A_link_is_followed_to_what_it_leads_to()
    {
        var elsewhere = Path.Combine(_fixture.Folder, "elsewhere");
        Directory.Move(_fixture.PluginFolder, elsewhere);
        Directory.CreateSymbolicLink(_fixture.PluginFolder, elsewhere);
        Assert.Empty(Load("refuse").Errors);
        File.SetUnixFileMode(elsewhere, File.GetUnixFileMode(elsewhere) | Others);
        Assert.Equal(elsewhere, Assert.Single(Load("refuse").Errors).Path);
    }

    [UnixTheory]
    [InlineData("plugins/GoodPlugin", "elsewhere/GoodPlugin")]
    [InlineData("plugins/GoodPlugin", "elsewhere")]
    [InlineData("plugins/GoodPlugin/GoodPlugin.dll", "elsewhere/GoodPlugin.dll")]
    [InlineData("plugins/GoodPlugin/GoodPlugin.dll", "elsewhere")]
    [UnsupportedOSPlatform("windows")]
    public void A_link_inside_a_trusted_folder_is_judged_by_its_real_place(string link, string writable)
    {
        var (from, elsewhere) = (Path.Combine(_fixture.Folder, link), Directory.CreateDirectory(Path.Combine(_fixture.Folder, "elsewhere")).FullName);
        var to = Path.Combine(elsewhere, Path.GetFileName(link));
        Directory.Move(from, to);
        File.CreateSymbolicLink(from, to);
        Assert.Empty(Load("refuse").Errors);

        var path = Path.Combine(_fixture.Folder, writable);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | Others);

        Assert.Equal(path, Assert.Single(Load("refuse").Errors).Path);
    }

    [UnixTheory]
    [InlineData("real")]
    [InlineData("links")]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_is_reached_through_a_link_above_it_is_judged_by_both_places(string writable)
    {
        var (real, links) = (Path.Combine(_fixture.Folder, "real"), Directory.CreateDirectory(Path.Combine(_fixture.Folder, "links")).FullName);
        Directory.CreateDirectory(real);
        Directory.Move(_fixture.PluginFolder, Path.Combine(real, "plugins"));
        Directory.CreateSymbolicLink(Path.Combine(links, "current"), real);
        Directory.CreateSymbolicLink(_fixture.PluginFolder, Path.Combine("links", "current", "plugins"));
        Assert.Empty(Load("refuse").Errors);

        var path = Path.Combine(_fixture.Folder, writable);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | Others);

        Assert.Equal(path, Assert.Single(Load("refuse").Errors).Path);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void Links_in_a_circle_end_the_search()
    {
        var folder = Path.Combine(_fixture.PluginFolder, "GoodPlugin");
        Directory.CreateSymbolicLink(Path.Combine(folder, "above"), _fixture.PluginFolder);
        Assert.Empty(Load("refuse").Errors);
        File.CreateSymbolicLink(Path.Combine(folder, "self"), "self");
        Assert.Contains("circle", Assert.Single(Load("refuse").Errors).Message, StringComparison.Ordinal);
    }

    private static string Json(string trust) => $$"""{ "Agents": { "a": {} }, "PluginTrust": {{trust}} }""";

    private HostSetup Load(string writable) => _fixture.Load(Json($$"""{ "WritableFolders": "{{writable}}" }"""));

    private HostSetup Load(IReadOnlyList<string> hashes) =>
        _fixture.Load(Json($$"""{ "WritableFolders": "ignore", "Sha256": [ {{string.Join(", ", hashes.Select(h => $"\"{h}\""))}} ] }"""));
}
