using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture;

/// <summary>Inside a project a folder uses only the folders that its table allows.</summary>
public sealed class FolderArrowTests
{
    /// <summary>Upper uses Lower; Side lies beside both; Upper/Part is a part of Upper.</summary>
    private static readonly FolderTable Table = new("Engine",
    [
        new("Upper", "Uses Lower."),
        new("Upper/Part", "A part.") { IsPart = true },
        new("Side", "Uses nothing.") { Sees = [] },
        new("Lower", "The last."),
    ]);

    [Fact]
    public void Folders_use_only_what_their_table_allows() =>
        Verdict.Check(FolderTable.All.SelectMany(t => FolderArrows.Find(Solution.Find(t.Project), t)), Exceptions.FolderArrows);

    [Fact]
    public void Every_folder_is_in_the_table_and_has_at_most_twenty_files() =>
        Verdict.Check(FolderTable.All.SelectMany(t => FolderArrows.FindFolders(Solution.Find(t.Project), t)));

    /// <summary>A test that reads using directives does not see this arrow: a nested namespace finds the name by itself.</summary>
    [Fact]
    public void A_name_that_needs_no_using_directive_is_found()
    {
        var project = Snippet.Engine(
            ("Upper/A.cs", "namespace Root.Upper { internal static class A { public const int One = 1; } }"),
            ("Lower/B.cs", "namespace Root { namespace Lower { internal class B { private int _b = Upper.A.One; } } }"));

        Assert.Equal(["Engine/Lower/B.cs uses Upper/A"], FolderArrows.Find(project, Table));
    }

    [Theory]
    [InlineData("var b = Lower.Factory.Make(); b.Work();", "Upper/Named")]
    [InlineData("Lower.Factory.Take(new());", "Upper/Named")]
    [InlineData("1.Extend();", "Upper/Extensions")]
    public void A_type_that_is_used_without_its_name_is_found(string statement, string used)
    {
        var project = Snippet.Engine(
            ("Upper/A.cs", "namespace Root.Upper { internal class Named { public void Work() { } } internal static class Extensions { public static void Extend(this int i) { } } }"),
            ("Lower/F.cs", "namespace Root.Lower { internal static class Factory { public static Upper.Named Make() => null!; public static void Take(Upper.Named named) { } } }"),
            ("Lower/B.cs", $"using Root.Upper; namespace Root.Lower {{ internal class B {{ void M() {{ {statement} }} }} }}"));

        Assert.Contains($"Engine/Lower/B.cs uses {used}", FolderArrows.Find(project, Table));
    }

    [Fact]
    public void Folders_side_by_side_do_not_use_each_other_and_a_part_is_its_parent()
    {
        var project = Snippet.Engine(
            ("Upper/A.cs", "namespace Root.Upper; internal class A { Part.P P = null!; Lower.B B = null!; Side.S S = null!; }"),
            ("Upper/Part/P.cs", "namespace Root.Upper.Part; internal class P { A A = null!; Lower.B B = null!; }"),
            ("Side/S.cs", "namespace Root.Side; internal class S { Lower.B B = null!; }"),
            ("Lower/B.cs", "namespace Root.Lower; internal class B { Upper.Part.P P = null!; }"));

        Assert.Equal(
            ["Engine/Lower/B.cs uses Upper/Part/P", "Engine/Side/S.cs uses Lower/B"],
            FolderArrows.Find(project, Table).Except(["Engine/Upper/A.cs uses Side/S"]).Order());
    }

    [Fact]
    public void Folders_that_are_unlisted_overfull_or_gone_are_found()
    {
        var files = Enumerable.Range(0, FolderArrows.MostFiles + 1).Select(i => ($"Lower/C{i}.cs", $"class C{i};"));

        var found = FolderArrows.FindFolders(Snippet.Engine([.. files, ("Upper/Part/P.cs", "class P;"), ("Other/O.cs", "class O;")]), Table);

        Assert.Equal(["Engine/Lower has 21 files", "Engine/Other is not in the table", "Engine/Side is in the table and has no files"], found.Order());
    }
}
