using System.ComponentModel.DataAnnotations;

namespace PluginHost.Knowledge.Tests;

/// <summary>What <c>check</c> says of wrong options.</summary>
public sealed class OptionTests
{
    public static TheoryData<KnowledgeOptions, string, string> Wrong => new()
    {
        { new KnowledgeOptions([""]), "Folders:0", "Must not be empty." },
        { new KnowledgeOptions(["a", "a"]), "Folders:1", "Duplicate folder." },
        { new KnowledgeOptions(["docs/{tenants}"]), "Folders:0", "The only placeholder is {tenant}" },
        { new KnowledgeOptions(["docs/x-{tenant}"]), "Folders:0", "as a whole part of the path" },
        { new KnowledgeOptions(["docs/{tenant}/{tenant}"]), "Folders:0", "once" },
        { new KnowledgeOptions(["{tenant}/docs"]), "Folders:0", "Set a folder in front of {tenant}" },
        { new KnowledgeOptions(["docs/{tenant}/../all"]), "Folders:0", "'..' is not allowed behind {tenant}." },
        { new KnowledgeOptions(["docs", "docs/{tenant}"]), "Folders:0", "This folder contains the folders of 'docs/{tenant}'" },
        { new KnowledgeOptions(["docs/of/{tenant}", "./docs/"]), "Folders:1", "This folder contains the folders of 'docs/of/{tenant}'" },
        { new KnowledgeOptions(["docs"], ChunkChars: 400, OverlapChars: 201), "OverlapChars", "up to half of ChunkChars, 200" },
        { new KnowledgeOptions(["docs"], Embeddings: new EmbeddingsOptions(new Uri("ftp://h/v1"), "m")), "Embeddings:Endpoint", "not the address of a web server" },
        { new KnowledgeOptions(["docs"], Embeddings: new EmbeddingsOptions(new Uri("https://u:p@h/v1"), "m")), "Embeddings:Endpoint", "Set the key in ApiKey." },
        { new KnowledgeOptions(["docs"], Embeddings: new EmbeddingsOptions(new Uri("https://h/v1/embeddings"), "m")), "Embeddings:Endpoint", "Leave out /embeddings" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Wrong_options_are_named_with_their_place(KnowledgeOptions options, string place, string message)
    {
        var error = Assert.Single(options.Validate(new ValidationContext(options)));

        Assert.Equal([place], error.MemberNames);
        Assert.Contains(message, error.ErrorMessage, StringComparison.Ordinal);
    }
}
