using PluginHost.ModelServer.Embeddings;

namespace PluginHost.Knowledge.Tests;

/// <summary>Tenants see their own folders alone.</summary>
public sealed class TenantTests
{
    private static readonly KnowledgeOptions Options = new(["documents/{tenant}/public", "shared"]);

    [Fact]
    public async Task A_tenant_finds_its_own_documents_and_the_shared_ones()
    {
        await using var library = await CreateAsync();

        Assert.Equal("acme.md", await library.PathsAsync("lighthouse", "acme"));
        Assert.Equal("globex.md", await library.PathsAsync("lighthouse", "globex"));
        Assert.Equal("", await library.PathsAsync("lighthouse", "initech"));
        Assert.Equal("all.md", await library.PathsAsync("harbour", "initech"));
        Assert.Equal("", await library.PathsAsync("internal", "acme"));
    }

    [Theory]
    [InlineData("../documents/acme")]
    [InlineData("acme/public/..")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("ACME")]
    [InlineData("acme' OR '1'='1")]
    public async Task A_name_of_a_tenant_is_no_path(string tenant)
    {
        await using var library = await CreateAsync();

        Assert.Equal("", await library.PathsAsync("lighthouse", tenant));
    }

    [Fact]
    public async Task A_tenant_cannot_link_to_the_documents_of_another_one()
    {
        await using var library = await CreateAsync();
        Directory.CreateDirectory(library.PathOf("eve"));
        File.CreateSymbolicLink(library.PathOf("acme/public/stolen.md"), library.PathOf("globex/public/globex.md"));
        Directory.CreateSymbolicLink(library.PathOf("acme/public/stolen"), library.PathOf("globex/public"));
        Directory.CreateSymbolicLink(library.PathOf("eve/public"), library.PathOf("globex/public"));
        Directory.CreateSymbolicLink(library.PathOf("mallory"), library.PathOf("globex"));
        await library.RefreshAsync();

        Assert.Equal("acme.md", await library.PathsAsync("lighthouse", "acme"));
        Assert.Equal("", await library.PathsAsync("lighthouse", "eve"));
        Assert.Equal("", await library.PathsAsync("lighthouse", "mallory"));
    }

    [Fact]
    public async Task A_link_that_takes_the_place_of_a_document_during_a_pass_is_not_followed()
    {
        await using var library = await CreateAsync();
        for (var i = 0; i < 5; i++) library.Write($"acme/public/{i}.md", "# Note\n\nThe harbour.");
        library.Counted = (name, _) =>
        {
            if (name != "indexed") return;
            library.Counted = null;
            for (var i = 0; i < 5; i++)
            {
                File.Delete(library.PathOf($"acme/public/{i}.md"));
                File.CreateSymbolicLink(library.PathOf($"acme/public/{i}.md"), library.PathOf("globex/public/globex.md"));
            }
        };
        await library.RefreshAsync();

        Assert.Equal("acme.md", await library.PathsAsync("lighthouse", "acme"));
    }

    [Fact]
    public async Task A_tenants_folder_that_is_gone_is_gone_from_the_index()
    {
        await using var library = await CreateAsync();

        Directory.Delete(library.PathOf("acme"), recursive: true);
        await library.RefreshAsync();

        Assert.Equal("", await library.PathsAsync("lighthouse", "acme"));
        Assert.Equal("globex.md", await library.PathsAsync("lighthouse", "globex"));
    }

    [Fact]
    public async Task By_meaning_a_tenant_finds_its_own_documents_alone_however_near_those_of_others_are()
    {
        await using var server = await EmbeddingServer.StartAsync(meanings: ["automobile car"]);
        await using var library = new Library(Options with { Embeddings = new EmbeddingsOptions(server.Endpoint, "m") });
        for (var i = 0; i < 60; i++) library.Write($"globex/public/{i}.txt", "automobile");
        library.Write("acme/public/acme.txt", "An automobile and a lighthouse, a harbour, a museum.");
        library.Write("../shared/all.txt", "Nothing.");
        await library.RefreshAsync();

        Assert.Equal(["acme.txt", "all.txt"], (await library.FindAsync("car", "acme")).Select(p => p.Path));
        Assert.Equal("all.txt", await library.PathsAsync("car", "initech"));
    }

    private static async Task<Library> CreateAsync()
    {
        var library = new Library(Options);
        library.Write("acme/public/acme.md", "# Acme\n\nThe lighthouse is white.");
        library.Write("acme/internal.md", "# Acme\n\nThis is internal.");
        library.Write("globex/public/globex.md", "# Globex\n\nThe lighthouse is red.");
        library.Write("../shared/all.md", "# All\n\nThe harbour is open.");
        await library.RefreshAsync();
        return library;
    }
}
