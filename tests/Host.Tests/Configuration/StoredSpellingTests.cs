using PluginHost.Engine.Configuration.Paths;

namespace PluginHost.Tests.Configuration;

public sealed class StoredSpellingTests
{
    [Fact]
    public void Two_spellings_of_one_file_are_one_path_where_the_file_system_ignores_case()
    {
        var spelling = new StoredSpelling(
            path => "/Srv/Data/sessions.db".StartsWith(path, StringComparison.OrdinalIgnoreCase),
            folder => [folder switch { "/" => "Srv", "/Srv" => "Data", _ => "sessions.db" }]);

        Assert.Equal("/Srv/Data/sessions.db", spelling.Spell("/srv/DATA/Sessions.db"));
        Assert.Equal("/Srv/Data/New.db", spelling.Spell("/SRV/data/New.db"));
    }

    [Fact]
    public void Files_that_differ_in_case_stay_two_where_the_file_system_keeps_case()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "a.db"), "");
        File.WriteAllText(Path.Combine(folder.Path, "A.db"), "");
        var keepsCase = Directory.GetFiles(folder.Path).Length == 2;

        Assert.Equal(Path.Combine(folder.Path, "a.db"), StoredSpelling.Find(Path.Combine(folder.Path, "a.db")));
        Assert.Equal(Path.Combine(folder.Path, keepsCase ? "A.db" : "a.db"), StoredSpelling.Find(Path.Combine(folder.Path, "A.db")));
    }
}
