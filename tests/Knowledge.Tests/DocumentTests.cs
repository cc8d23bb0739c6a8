using System.Runtime.Versioning;
using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace PluginHost.Knowledge.Tests;

/// <summary>What is read of files, and which files are skipped.</summary>
public sealed class DocumentTests
{
    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "broken.pdf", Encoding.UTF8.GetBytes("%PDF-1.7\nthis is no PDF"), "damaged" },
        { "latin.txt", Encoding.Latin1.GetBytes("Über den Wolken"), "It is not UTF-8 text." },
        { "binary.md", [1, 0, 2, 0, 3], "It is not text." },
        { "large.txt", Encoding.UTF8.GetBytes(new string('x', 3000)), "MaxFileBytes" },
        { "empty.pdf", CreatePdf(""), "It has no text." },
    };

    [Theory, MemberData(nameof(Bad))]
    public async Task A_bad_file_is_skipped_and_named_once_and_the_others_are_indexed(string name, byte[] bytes, string reason)
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], MaxFileBytes: 2048));
        library.WriteBytes(name, bytes);
        library.Write("good.md", "# Good\n\nThe lighthouse is white.");

        await library.RefreshAsync();
        await library.RefreshAsync();

        Assert.Equal("good.md", await library.PathsAsync("lighthouse"));
        var warning = Assert.Single(library.Warnings);
        Assert.Contains($"The document '{name}' in 'documents' is skipped:", warning, StringComparison.Ordinal);
        Assert.Contains(reason, warning, StringComparison.Ordinal);
        Assert.Equal(1, library["skipped"]);
    }

    [Fact]
    public async Task A_document_that_becomes_unreadable_is_not_found_any_more()
    {
        await using var library = new Library();
        library.Write("a.txt", "The lighthouse is white.");
        await library.RefreshAsync();

        library.WriteBytes("a.txt", Encoding.Latin1.GetBytes("Der Leuchtturm ist weiß, lighthouse."));
        await library.RefreshAsync();

        Assert.Equal("", await library.PathsAsync("lighthouse"));
    }

    [UnprivilegedFact, UnsupportedOSPlatform("windows")]
    public async Task A_folder_without_rights_is_skipped_and_named()
    {
        await using var library = new Library();
        library.Write("closed/a.md", "# A\n\nThe lighthouse is white.");
        library.Write("open.md", "# B\n\nThe lighthouse is red.");
        File.SetUnixFileMode(library.PathOf("closed"), UnixFileMode.None);
        try
        {
            await library.RefreshAsync();

            Assert.Equal("open.md", await library.PathsAsync("lighthouse"));
            Assert.Contains("The document 'closed' in 'documents' is skipped: The host has no right to read it.", Assert.Single(library.Warnings), StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(library.PathOf("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Markdown_is_cut_at_its_headings()
    {
        await using var library = new Library();
        library.Write("guide.md", "---\ntitle: hidden\n---\n# Guide\n\nIntro.\n\nInstall\n-------\n\nRun `setup`.\n\n```sh\n# no heading\nsetup --now\n```\n\n### Windows\n\nUse the installer.");
        await library.RefreshAsync();

        var passage = Assert.Single(await library.FindAsync("Windows"));
        Assert.Equal(("Guide > Install > Windows", "Use the installer."), (passage.Heading, passage.Text));
        Assert.Contains("# no heading\nsetup --now", Assert.Single(await library.FindAsync("setup now")).Text, StringComparison.Ordinal);
        Assert.Empty(await library.FindAsync("hidden"));
    }

    [Fact]
    public async Task Html_gives_its_text_and_nothing_of_its_scripts()
    {
        await using var library = new Library();
        library.Write(
            "page.html",
            "<html><head><title>Prices</title><script>var secretscript = 1;</script></head><body><nav>menu</nav><h1>Prices</h1><p>Tickets cost&nbsp;<b>5</b> €.</p>"
            + "<h2>Discounts</h2><table><tr><td>Children</td><td>half price</td></tr></table><style>.x{}</style></body></html>");
        await library.RefreshAsync();

        var passage = Assert.Single(await library.FindAsync("children"));
        Assert.Equal(("Prices > Discounts", "Children | half price |"), (passage.Heading, passage.Text));
        Assert.Contains("Tickets cost 5 €.", Assert.Single(await library.FindAsync("tickets")).Text.Replace('\u00a0', ' '), StringComparison.Ordinal);
        Assert.Empty(await library.FindAsync("secretscript"));
    }

    [Theory]
    [InlineData("iso-8859-1")]
    [InlineData("windows-1252")]
    public async Task Html_may_name_its_charset(string charset)
    {
        await using var library = new Library();
        library.WriteBytes("page.html", Encoding.Latin1.GetBytes($"<html><head><meta charset=\"{charset}\"></head><body><p>Der Leuchtturm ist weiß.</p></body></html>"));
        await library.RefreshAsync();

        Assert.Equal("Der Leuchtturm ist weiß.", Assert.Single(await library.FindAsync("Leuchtturm")).Text);
    }

    [Fact]
    public async Task A_deep_page_does_not_end_the_process()
    {
        await using var library = new Library();
        library.Write("deep.html", $"{string.Concat(Enumerable.Repeat("<div>", 20_000))}lighthouse");
        await library.RefreshAsync();

        Assert.Equal("deep.html", await library.PathsAsync("lighthouse"));
    }

    [Fact]
    public async Task A_pdf_is_cited_with_its_page()
    {
        await using var library = new Library();
        library.WriteBytes("manual.pdf", CreatePdf("The engine needs oil.", "The lighthouse is white."));
        await library.RefreshAsync();

        var passage = Assert.Single(await library.FindAsync("lighthouse"));
        Assert.Equal((2, "manual.pdf"), (passage.Page!.Value, passage.Path));
    }

    [Fact]
    public async Task Long_text_is_cut_at_words_and_nothing_is_lost()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], MaxChunks: 50, ChunkChars: 200, OverlapChars: 40));
        library.Write("long.txt", string.Join(' ', Enumerable.Range(0, 500).Select(i => $"word{i}")));
        await library.RefreshAsync();

        for (var i = 0; i < 500; i += 7)
        {
            var found = await library.FindAsync($"word{i}");
            Assert.NotEmpty(found);
            Assert.All(found, p => Assert.True(p.Text.Length <= 200 && p.Text.StartsWith("word", StringComparison.Ordinal)));
        }
    }

    private static byte[] CreatePdf(params string[] pages)
    {
        using var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (var text in pages)
        {
            var page = builder.AddPage(PageSize.A4);
            if (text.Length > 0) page.AddText(text, 12, new PdfPoint(25, 700), font);
        }

        return builder.Build();
    }
}

/// <summary>A test about rights, which an administrator has all. Skipped for one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) Skip = "The tests run with all rights.";
    }
}
